import Enqueue
import Figures
import Foundation
import Queue
import Servers

/// The cost of an idle worker, and how soon it reacts to work.
enum Idle {
    static let parts: [Catalog.Part] = [
        Catalog.Part(
            name: "idle worker",
            gives: [
                "idle_commands_per_second", "idle_inner_commands_per_second", "idle_cpu_percent", "rss_idle_mb",
                "start_latency_p50_ms", "start_latency_p99_ms", "cancel_latency_p50_ms", "cancel_latency_p99_ms",
            ]
        ) { session in
            let site = session.plain
            try await site.reset()
            let directory = try Scratch.directory()
            let record = directory + "/record"
            RecordFile.clear(record)
            let worker = try MeasuredProcess(on: site, record: record, log: directory + "/worker")
            let client = try await Enqueue(redis: try site.server.url)
            // It is ready once it has run a job.
            _ = try await client.add(try stamped("bench.start", 0))
            try await Scratch.wait("the worker to start") {
                try worker.check()
                return RecordFile.count(record) == 1
            }
            let quick = session.options.quick
            var samples = try await rest(worker, on: site, for: quick ? 2 : 20)
            RecordFile.clear(record)
            samples.merge(try await start(quick ? 100 : 500, through: client, record: record)) { $1 }
            RecordFile.clear(record)
            samples.merge(try await cancel(quick ? 10 : 200, through: client, record: record)) { $1 }
            await client.close()
            await worker.end()
            return samples
        }
    ]

    /// Counts the commands that an idle worker sends; also used for peers.
    static func rest(_ worker: MeasuredProcess, on site: Site, for seconds: Int) async throws -> [String: Double] {
        try await Task.sleep(for: .milliseconds(500))  // until it is idle
        let monitor = try await Monitor(site)
        let cpu = worker.cpu, start = Monotonic.now
        try await Task.sleep(for: .seconds(seconds))  // the measured time
        let elapsed = Double(Monotonic.now - start)
        let used = Double(worker.cpu - cpu)
        let (sent, inner) = try await monitor.end()
        try worker.check()
        return [
            "idle_commands_per_second": Double(sent) / (elapsed / 1e9),
            "idle_inner_commands_per_second": Double(inner) / (elapsed / 1e9),
            "idle_cpu_percent": used / elapsed * 100, "rss_idle_mb": worker.residentMB,
        ]
    }

    /// From the call of `add` to the handler's first line in another process, at 100 jobs per second.
    private static func start(_ count: Int, through client: Enqueue, record: String) async throws -> [String: Double] {
        let clock = ContinuousClock(), begin = clock.now
        for i in 0..<count {
            try await clock.sleep(until: begin + .milliseconds(10) * i, tolerance: .zero)  // the pace
            _ = try await client.add(try stamped("bench.start", i))
        }
        try await Scratch.wait("\(count) jobs to start") { RecordFile.count(record) >= count }
        return latencies(RecordFile.read(record).map { Double($0.at - $0.sent) / 1e6 }, "start_latency")
    }

    /// From the call of `cancel` until the running handler in another process sees it.
    private static func cancel(_ count: Int, through client: Enqueue, record: String) async throws -> [String: Double] {
        var times: [Double] = []
        for i in 0..<count {
            let id = try await client.add(try stamped("bench.wait", i)).id
            try await Scratch.wait("job \(i) to run") { RecordFile.count(record) == 2 * i + 1 }
            let called = Monotonic.now
            try await client.cancel(id)
            try await Scratch.wait("job \(i) to be cancelled") { RecordFile.count(record) == 2 * i + 2 }
            guard let seen = RecordFile.read(record).last else { continue }
            times.append(Double(seen.at - called) / 1e6)
        }
        return latencies(times, "cancel_latency")
    }

    static func latencies(_ ms: [Double], _ name: String) -> [String: Double] {
        guard let p50 = ms.percentile(0.5), let p99 = ms.percentile(0.99) else { return [:] }
        return ["\(name)_p50_ms": p50, "\(name)_p99_ms": p99]
    }

    private static func stamped(_ type: String, _ seq: Int) throws -> NewJob {
        try NewJob(type, arguments: BenchPayload.json(seq, Monotonic.now), in: .default)
    }
}

/// `MONITOR`: all commands that Redis runs.
private struct Monitor {
    private let process: ChildProcess
    private let output: String

    init(_ site: Site) async throws {
        output = try Scratch.directory() + "/monitor"
        process = try ChildProcess("redis-cli", ["-p", "\(site.port)", "MONITOR"], output: output)
        let output = output
        try await Scratch.wait("MONITOR") {
            (try? String(contentsOfFile: output, encoding: .utf8))?.hasPrefix("OK") == true
        }
    }

    /// - Returns: the number of commands that clients sent, and of those that scripts ran.
    func end() async throws -> (sent: Int, inner: Int) {
        process.signal(SIGTERM)
        await process.wait()
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").dropFirst()
        let inner = lines.count { $0.contains(" lua] ") }
        return (lines.count - inner, inner)
    }
}
