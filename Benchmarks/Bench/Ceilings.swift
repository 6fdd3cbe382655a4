import Figures
import Foundation
import Glibc
import Queue
import PackhorseRedis
import Servers

/// The most that this Redis can do on this machine: the same scripts in a bare loop, and redis-benchmark.
enum Ceilings {
    static let parts: [Catalog.Part] = [
        Catalog.Part(name: "ceiling of enqueue", gives: ["ceiling_enqueue"]) { session in
            let jobs = session.options.jobs(300_000, quick: 10_000)
            return ["ceiling_enqueue": try await enqueue(jobs, on: session.plain)]
        },
        Catalog.Part(name: "ceiling of drain", gives: ["ceiling_drain", "ceiling_redis_cpu"]) { session in
            let (rate, cpu) = try await drain(session.options.jobs(300_000, quick: 10_000), on: session.plain)
            return ["ceiling_drain": rate, "ceiling_redis_cpu": cpu]
        },
        Catalog.Part(name: "ceiling of drain, everysec", gives: ["ceiling_drain_everysec"]) { session in
            let (rate, _) = try await drain(session.options.jobs(300_000, quick: 10_000), on: session.everysec)
            return ["ceiling_drain_everysec": rate]
        },
        Catalog.Part(name: "redis-benchmark", gives: ["lpush"]) { session in
            ["lpush": try await push(session.options.jobs(1_000_000, quick: 50_000), on: session.plain)]
        },
        Catalog.Part(name: "ping", gives: ["ping_rate", "ping_p50_ms", "ping_p99_ms"]) { session in
            try await ping(session.options.jobs(5000, quick: 500), on: session.plain)
        },
    ]

    /// enqueue.lua with prepared jobs and four calls in flight, so that Redis never waits for the client.
    private static func enqueue(_ count: Int, on site: Site) async throws -> Double {
        try await site.reset()
        let jobs = try Enqueueing.noops(0..<count)
        let start = Monotonic.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    for first in stride(from: lane * 1000, to: count, by: 4000) {
                        try await site.queue.enqueue(Array(jobs[first..<min(first + 1000, count)]))
                    }
                }
            }
            try await group.waitForAll()
        }
        return Enqueueing.rate(count, since: start)
    }

    /// reserve.lua and settle.lua for 256 jobs per call, four calls in flight, no handlers.
    ///
    /// - Returns: jobs per second, and µs of Redis' CPU per job.
    private static func drain(_ count: Int, on site: Site) async throws -> (rate: Double, cpu: Double) {
        try await site.reset()
        try await site.queue.enqueue(try Enqueueing.noops(0..<count))
        let worker = "ceiling", lease = Duration.seconds(600)
        try await site.queue.join(worker, lease: lease, about: "{}")
        let start = Monotonic.now, cpu = Monotonic.cpu(of: site.server.pid) ?? 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while true {
                        let claims = try await site.queue.reserve(upTo: 256, by: worker).claims
                        if claims.isEmpty { return }
                        _ = try await site.queue.settle(
                            claims.map { Settled($0, .succeeded(result: .null, dropsSteps: false)) }, by: worker)
                    }
                }
            }
            try await group.waitForAll()
        }
        let rate = Enqueueing.rate(count, since: start)
        guard try await site.succeeded() == count else { throw BenchError("the bare loop has not settled all jobs") }
        return (rate, Double((Monotonic.cpu(of: site.server.pid) ?? 0) - cpu) / 1000 / Double(count))
    }

    /// `LPUSH` of 100 bytes from 50 connections, 16 commands per write.
    private static func push(_ count: Int, on site: Site) async throws -> Double {
        try await site.reset()
        let output = try Scratch.directory() + "/redis-benchmark"
        let process = try ChildProcess(
            "redis-benchmark",
            ["-p", "\(site.port)", "-t", "lpush", "-n", "\(count)", "-d", "100", "-P", "16", "--csv"], output: output)
        await process.wait()
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        guard let fields = lines.last(where: { $0.contains("LPUSH") })?.split(separator: ","), fields.count > 1,
            let rate = Double(fields[1].filter { $0 != "\"" })
        else { throw BenchError("redis-benchmark printed no rate: \(lines.joined(separator: " "))") }
        return rate
    }

    /// Round trips of one caller with the same connection code.
    private static func ping(_ count: Int, on site: Site) async throws -> [String: Double] {
        var times: [Double] = []
        let start = Monotonic.now
        for _ in 0..<count {
            let sent = Monotonic.now
            try await site.ask("PING")
            times.append(Double(Monotonic.now - sent) / 1e6)
        }
        return [
            "ping_rate": Enqueueing.rate(count, since: start), "ping_p50_ms": times.percentile(0.5) ?? 0,
            "ping_p99_ms": times.percentile(0.99) ?? 0,
        ]
    }
}
