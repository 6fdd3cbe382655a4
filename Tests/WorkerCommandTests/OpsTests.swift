import Enqueue
import Foundation
import Glibc
import Queue
import PackhorseRedis
import Servers
import TestSupport
import Testing

/// What operators see from outside.
@Suite struct OpsTests {
    @Test(.redis) func theHealthcheckFollowsTheLease() async throws {
        let worker = try WorkerProcess(["run"], redis: .current, environment: ["PACKHORSE_LEASE": "500ms"])
        try await Scratch.wait("healthy") { try await worker.healthcheck().code == 0 }

        await RedisServer.current.pause()
        try await Scratch.wait("unhealthy while Redis is silent") { try await worker.healthcheck().code == 1 }
        RedisServer.current.resume()
        try await Scratch.wait("healthy again") { try await worker.healthcheck().code == 0 }
    }

    /// With a lease so long that its last beat is good for minutes.
    @Test(.redis) func aKilledWorkerIsNotHealthyWhileItsLeaseIsGood() async throws {
        let worker = try WorkerProcess(["run"], redis: .current, environment: ["PACKHORSE_LEASE": "5m"])
        try await Scratch.wait("healthy") { try await worker.healthcheck().code == 0 }
        worker.signal(SIGKILL)
        _ = try await worker.ended()
        let check = try await worker.healthcheck()
        #expect(check.code == 1)
        #expect(check.reason.contains("has ended"))
    }

    @Test(arguments: ["1 -9223372036854775808 1", "1 1 9223372036854775807", "1 1", "x y z", ""])
    func aGarbledHealthFileIsNone(text: String) async throws {
        let worker = try WorkerProcess(["--version"])
        #expect(try await worker.ended() == 0)
        try Data(text.utf8).write(to: URL(filePath: worker.folder + "/health"))
        let check = try await worker.healthcheck()
        #expect(check.code == 1)
        #expect(check.reason.contains("is not a health file"))
    }

    @Test(.redis) func aStoppedWorkerIsNotHealthy() async throws {
        let worker = try WorkerProcess(["run"], redis: .current)
        try await Scratch.wait("healthy") { try await worker.healthcheck().code == 0 }
        worker.signal(SIGTERM)
        #expect(try await worker.ended() == 0)
        #expect(try await worker.healthcheck().code == 1)
        #expect(!FileManager.default.fileExists(atPath: worker.folder + "/health"))
    }

    @Test(.redis) func readinessFollowsRedis() async throws {
        let worker = try WorkerProcess(["run", "--http-port", "0"], redis: .current)
        try await Scratch.wait("ready") { try await worker.get("/readyz").status == 200 }
        #expect(try await worker.get("/healthz").status == 200)

        await RedisServer.current.pause()
        try await Scratch.wait("not ready") { try await worker.get("/readyz").status == 503 }
        let answer = try await worker.get("/readyz")
        let body = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        #expect(body?["ready"] as? Bool == false)
        #expect((body?["reason"] as? String)?.contains("Redis") == true)
        #expect(try await worker.get("/healthz").status == 200)
        RedisServer.current.resume()
        try await Scratch.wait("ready again") { try await worker.get("/readyz").status == 200 }
        #expect(try await worker.get("/nothing").status == 404)
        #expect(worker.records("joined").count == 1, "a minute of lease was enough")
    }

    @Test(.redis) func metricsAreInPrometheusFormat() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let job = try await enqueue.add(NewJob("system.noop", arguments: [], in: .default)).id
        let worker = try WorkerProcess(["run", "--http-port", "0"], redis: .current)
        _ = try await enqueue.wait(for: job, timeout: .seconds(20))
        await enqueue.close()
        try await Scratch.wait("counted") {
            try await worker.get("/metrics").body
                .contains("packhorse_attempts_total{type=\"system.noop\",outcome=\"succeeded\"} 1\n")
        }
        let answer = try await worker.get("/metrics")
        #expect(answer.status == 200)
        #expect(answer.headers.lowercased().contains("content-type: text/plain; version=0.0.4"))
        let families = try prometheus(answer.body)
        #expect(families["packhorse_attempt_seconds"] == "histogram")
        #expect(families["packhorse_attempts_total"] == "counter")
        #expect(families["packhorse_worker_ready"] == "gauge")
        #expect(answer.body.contains("\npackhorse_worker_ready 1\n"))
        #expect(families["packhorse_metrics_series_refused_total"] == "counter", "what handlers count is there too")
    }

    @Test(.redis) func aPortThatIsTakenIsNamed() async throws {
        let first = try WorkerProcess(["run", "--http-port", "0"], redis: .current)
        let port = try await first.logged("listening")["port"].map { "\($0)" } ?? ""
        let second = try WorkerProcess(["run", "--http-port", port], redis: .current)
        #expect(try await second.ended() == 2)
        #expect(second.log.contains("cannot listen on 127.0.0.1:\(port): Address already in use. Change"))
        #expect(second.log.contains("PACKHORSE_HTTP_PORT"))
    }

    @Test func theTypesAreListed() async throws {
        let worker = try WorkerProcess(["types", "--json"])
        #expect(try await worker.ended() == 0)
        let types = try worker.output.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        let names = types.compactMap { $0?["type"] as? String }
        #expect(names == names.sorted())
        for name in ["system.crash", "system.fail", "system.noop", "system.sleep", "system.spin"] {
            #expect(types.contains { $0?["type"] as? String == name && $0?["version"] as? Int == 1 })
        }
    }

    @Test func configCheckMasksSecrets() async throws {
        let worker = try WorkerProcess(
            ["config", "check", "--json"],
            environment: [
                "REDIS_URL": "redis://:hunter22@h:1", "PACKHORSE_API_TOKEN": "hunter22hunter22hunter22",
                "PACKHORSE_QUEUE": "x",
            ])
        #expect(try await worker.ended() == 0)
        #expect(!worker.output.contains("hunter22"))
        #expect(!worker.log.contains("hunter22"))
        let report = try JSONSerialization.jsonObject(with: Data(worker.output.utf8)) as? [String: Any]
        #expect((report?["errors"] as? [String])?.isEmpty == true)
        #expect((report?["warnings"] as? [String])?.first?.contains("PACKHORSE_QUEUES") == true)
        let settings = report?["settings"] as? [[String: Any]]
        #expect(settings?.first { $0["name"] as? String == "REDIS_URL" }?["value"] as? String == "redis://:***@h:1")
    }
}

/// Reads Prometheus' text format 0.0.4 strictly.
///
/// - Returns: the families and their types.
private func prometheus(_ text: String) throws -> [String: String] {
    var families: [String: String] = [:]
    var seen: Set<String> = []
    var family = ""
    #expect(text.hasSuffix("\n"))
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
        if line.wholeMatch(of: /# HELP [a-zA-Z_:][a-zA-Z0-9_:]* .+/) != nil { continue }
        if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
            family = String(match.1)
            #expect(families[family] == nil, "\(family) twice")
            families[family] = String(match.2)
            continue
        }
        let sample = try #require(
            line.wholeMatch(
                of:
                    /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_]\w*="(?:[^"\\]|\\.)*"(?:,[a-zA-Z_]\w*="(?:[^"\\]|\\.)*")*\})? (\S+)/
            ),
            "\(line)")
        let name = String(sample.1)
        #expect(
            name == family
                || families[family] == "histogram" && ["_bucket", "_sum", "_count"].contains { name == family + $0 })
        #expect(Double(sample.3) != nil, "\(line)")
        #expect(seen.insert(name + (sample.2.map(String.init) ?? "")).inserted, "\(line) twice")
    }
    return families
}
