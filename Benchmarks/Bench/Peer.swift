import Figures
import Foundation
import Glibc
import Servers

/// Another job system, measured in the same run on the same servers with the same payload and the same clock.
///
/// Its driver in Benchmarks/peers takes `bulk N`, `one N` and `rate N PER_SECOND`, and prints the seconds that it took. Its
/// worker appends a record for each job that it starts. Neither peer stores states or results of jobs here, and both lose
/// the jobs of a killed worker: they do less than Packhorse.
struct Peer: Sendable {
    let name: String
    /// The number of jobs of a drain and of a bulk enqueue; one eighth of it is enqueued one by one.
    let jobs: Int
    let driver: [String]
    let worker: [String]
    /// A program that must be installed.
    let program: String

    static let all = [
        Peer(
            name: "sidekiq", jobs: 40_000, driver: ["ruby", "\(folder)/sidekiq_driver.rb"],
            worker: ["sidekiq", "-r", "./\(folder)/sidekiq_driver.rb", "-c", "5", "-q", "default"], program: "sidekiq"),
        Peer(
            name: "celery", jobs: 6000, driver: ["\(venv)/bin/python", "\(folder)/celery_driver.py"],
            worker: [
                "\(venv)/bin/celery", "--workdir", folder, "-A", "celery_driver", "worker", "-P", "solo", "-l", "ERROR",
                "--without-gossip", "--without-mingle", "--without-heartbeat",
            ], program: "\(venv)/bin/celery"),
    ]

    /// Relative to the package, where `make bench` runs.
    private static let folder = "Benchmarks/peers"
    private static let venv = ".build/peers/celery"

    var parts: [Catalog.Part] {
        [
            part("enqueue", ["enqueue_bulk", "enqueue_single_1"]) { session in
                let jobs = session.options.jobs(jobs, quick: 500)
                return [
                    "enqueue_bulk": try await enqueue("bulk", jobs, on: session.plain),
                    "enqueue_single_1": try await enqueue("one", jobs / 8, on: session.plain),
                ]
            },
            part(
                "drain, 1 worker",
                ["drain_1", "rss_peak_mb", "worker_cpu_us_per_job", "redis_cpu_us_per_job", "redis_commands_per_job"]
            ) { session in
                let drained = try await drain(session, on: session.plain, workers: 1)
                return [
                    "drain_1": drained.rate, "rss_peak_mb": drained.peakMB, "worker_cpu_us_per_job": drained.workerCPU,
                    "redis_cpu_us_per_job": drained.redisCPU, "redis_commands_per_job": drained.commands,
                ]
            },
            part("drain, 2 workers", ["drain_2"]) { session in
                ["drain_2": try await drain(session, on: session.plain, workers: 2).rate]
            },
            part("drain, everysec", ["drain_everysec"]) { session in
                ["drain_everysec": try await drain(session, on: session.everysec, workers: 1).rate]
            },
            part(
                "idle worker",
                [
                    "idle_commands_per_second", "idle_cpu_percent", "rss_idle_mb", "start_latency_p50_ms",
                    "start_latency_p99_ms",
                ], idle),
        ]
    }

    private func part(
        _ what: String, _ gives: [String], _ measure: @escaping @Sendable (Session) async throws -> [String: Double]
    ) -> Catalog.Part {
        Catalog.Part(name: "\(name): \(what)", gives: Set(gives.map { "\(name).\($0)" }), isPeer: true) { session in
            try await checkInstalled()
            let samples = try await measure(session)
            return Dictionary(uniqueKeysWithValues: samples.map { ("\(name).\($0.key)", $0.value) })
        }
    }

    private func checkInstalled() async throws {
        let probe = try ChildProcess("sh", ["-c", "command -v \(program)"], output: "/dev/null")
        await probe.wait()
        guard probe.exit == 0 else {
            throw BenchError("\(program) is missing; `make setup-bench` installs it, --no-peers skips it")
        }
    }

    private func drain(_ session: Session, on site: Site, workers: Int) async throws -> Drained {
        let count = session.options.jobs(jobs, quick: 500)
        _ = try await enqueue("bulk", count, on: site)
        let directory = try Scratch.directory()
        let record = directory + "/record"
        RecordFile.clear(record)
        return try await Drain.drain(count, on: site, asking: false) {
            try (0..<workers).map { try start($0, on: site, record: record, log: directory + "/worker-\($0)") }
        } done: {
            RecordFile.count(record)
        }
    }

    private func idle(_ session: Session) async throws -> [String: Double] {
        let site = session.plain
        try await site.reset()
        let directory = try Scratch.directory()
        let record = directory + "/record"
        RecordFile.clear(record)
        let worker = try start(0, on: site, record: record, log: directory + "/worker")
        _ = try await run("one", 1, on: site)
        try await Scratch.wait("\(name) to start") {
            try worker.check()
            return RecordFile.count(record) == 1
        }
        var samples = try await Idle.rest(worker, on: site, for: session.options.quick ? 2 : 20)
        samples["idle_inner_commands_per_second"] = nil
        RecordFile.clear(record)
        let count = session.options.quick ? 100 : 500
        _ = try await run("rate", count, 100, on: site)
        try await Scratch.wait("\(name) to start \(count) jobs") { RecordFile.count(record) >= count }
        samples.merge(
            Idle.latencies(RecordFile.read(record).map { Double($0.at - $0.sent) / 1e6 }, "start_latency")
        ) { $1 }
        await worker.end()
        return samples
    }

    private func start(_ number: Int, on site: Site, record: String, log: String) throws -> MeasuredProcess {
        let words = name == "celery" ? worker + ["-n", "worker\(number)"] : worker
        return try MeasuredProcess(["env"] + environment(site) + ["BENCH_RECORD=\(record)"] + words, log: log)
    }

    /// Enqueues to an empty server.
    ///
    /// - Returns: jobs per second.
    private func enqueue(_ mode: String, _ count: Int, on site: Site) async throws -> Double {
        try await site.reset()
        return Double(count) / (try await run(mode, count, on: site))
    }

    /// - Returns: the seconds that the driver reports, without its start-up.
    private func run(_ mode: String, _ numbers: Int..., on site: Site) async throws -> Double {
        let output = try Scratch.directory() + "/driver"
        let process = try ChildProcess(
            "env", environment(site) + driver + [mode] + numbers.map(String.init), output: output)
        await process.wait()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        guard process.exit == 0, let seconds = text.split(separator: "\n").last.flatMap({ Double($0) }), seconds > 0
        else { throw BenchError("\(name)'s driver failed:\n\(text.suffix(2000))") }
        return seconds
    }

    private func environment(_ site: Site) -> [String] {
        ["BENCH_REDIS=\(site.server.address)/0", "PYTHONDONTWRITEBYTECODE=1", "MALLOC_ARENA_MAX=2"]
    }
}
