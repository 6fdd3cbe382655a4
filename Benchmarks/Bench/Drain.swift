import Enqueue
import Figures
import Foundation
import Queue
import Servers

/// How fast worker processes empty a full queue and store the results.
enum Drain {
    static let parts: [Catalog.Part] = [
        Catalog.Part(
            name: "drain, 1 worker",
            gives: [
                "drain_noop_1_worker", "drain_1_wall", "rss_peak_mb", "worker_cpu_us_per_job", "redis_cpu_us_per_job",
                "redis_commands_per_job", "sent_commands_per_job",
            ]
        ) { session in
            let drained = try await drain(session, on: session.plain, workers: 1)
            return [
                "drain_noop_1_worker": drained.rate, "drain_1_wall": drained.wallRate, "rss_peak_mb": drained.peakMB,
                "worker_cpu_us_per_job": drained.workerCPU, "redis_cpu_us_per_job": drained.redisCPU,
                "redis_commands_per_job": drained.commands, "sent_commands_per_job": drained.sent,
            ]
        },
        Catalog.Part(name: "drain, 2 workers", gives: ["drain_noop_2_workers", "drain_2_wall"]) { session in
            let drained = try await drain(session, on: session.plain, workers: 2)
            return ["drain_noop_2_workers": drained.rate, "drain_2_wall": drained.wallRate]
        },
        Catalog.Part(
            name: "drain, everysec",
            gives: ["drain_noop_1_worker_everysec", "drain_everysec_wall", "worker_cpu_everysec", "redis_cpu_everysec"]
        ) { session in
            let drained = try await drain(session, on: session.everysec, workers: 1)
            return [
                "drain_noop_1_worker_everysec": drained.rate, "drain_everysec_wall": drained.wallRate,
                "worker_cpu_everysec": drained.workerCPU, "redis_cpu_everysec": drained.redisCPU,
            ]
        },
        Catalog.Part(
            name: "drain, 2 workers, everysec", gives: ["drain_noop_2_workers_everysec", "drain_2_everysec_wall"]
        ) { session in
            let drained = try await drain(session, on: session.everysec, workers: 2)
            return ["drain_noop_2_workers_everysec": drained.rate, "drain_2_everysec_wall": drained.wallRate]
        },
        Catalog.Part(
            name: "drain of a typed job", gives: ["drain_typed_1_worker", "drain_typed_wall", "worker_cpu_typed"]
        ) { session in
            let drained = try await drain(session, on: session.plain, workers: 1, typed: true)
            return [
                "drain_typed_1_worker": drained.rate, "drain_typed_wall": drained.wallRate,
                "worker_cpu_typed": drained.workerCPU,
            ]
        },
    ]

    private static func drain(_ session: Session, on site: Site, workers: Int, typed: Bool = false) async throws
        -> Drained
    {
        let count = session.options.jobs(300_000, quick: 10_000)
        try await site.reset()
        try await site.queue.enqueue(typed ? try summaries(count) : try Enqueueing.noops(0..<count))
        let directory = try Scratch.directory()
        return try await drain(count, on: site, asking: true) {
            try (0..<workers).map {
                try MeasuredProcess(on: site, record: directory + "/record", log: directory + "/worker-\($0)")
            }
        } done: {
            try await site.succeeded()
        }
    }

    private static func summaries(_ count: Int) throws -> [NewJob] {
        try (0..<count).map { seq in
            let arguments = try JSONEncoder().encode(
                Summarize(
                    url: "https://example.org/\(seq).pdf", pages: seq % 100,
                    owner: "0191f0c2-7c3b-7a1e-8a55-0123456789ab"))
            return try NewJob(Summarize.type, arguments: Array(arguments), in: .default)
        }
    }

    /// Starts workers on a queue with `count` jobs and samples their progress every 5 ms.
    ///
    /// - Parameters:
    ///   - asking: whether `done` sends one command to this Redis, which must not be counted as the workers'.
    ///   - done: how many jobs are done.
    static func drain(
        _ count: Int, on site: Site, asking: Bool, starting: () throws -> [MeasuredProcess],
        done: () async throws -> Int
    ) async throws -> Drained {
        let commandsBefore = try await site.commands(), sentBefore = try await site.commandsSent()
        let start = Monotonic.now
        let workers = try starting()
        var samples: [Drained.Sample] = []
        var last = (done: 0, at: start)
        while last.done < count {
            try await Task.sleep(for: .milliseconds(5))  // between two samples
            let now = try await done()
            samples.append(
                Drained.Sample(
                    at: Monotonic.now, done: now, workerCPU: workers.reduce(0) { $0 + $1.cpu },
                    redisCPU: Monotonic.cpu(of: site.server.pid) ?? 0))
            if now > last.done { last = (now, Monotonic.now) }
            for worker in workers { try worker.check() }
            guard Monotonic.now - last.at < 30_000_000_000 else {
                throw BenchError("no progress for 30 s; \(last.done) of \(count) jobs are done")
            }
        }
        let wall = Double(last.at - start) / 1e9
        let peak = (workers.map(\.peakMB).max() ?? 0)
        let sent = try await site.commandsSent() - sentBefore
        let own = (asking ? samples.count : 0) + 3  // INFO three times
        let commands = try await site.commands() - commandsBefore - own
        for worker in workers { await worker.end() }
        return Drained(
            count: count, samples: samples, wall: wall, peakMB: peak, commandsRun: commands, commandsSent: sent)
    }
}

/// The samples of a drain, and what follows from them.
struct Drained {
    struct Sample {
        /// In ns of the monotonic clock, as are the CPU times.
        var at: Int
        var done: Int
        var workerCPU: Int
        var redisCPU: Int
    }

    let count: Int
    let samples: [Sample]
    /// From before the workers' start until all jobs were done, in seconds.
    let wall: Double
    let peakMB: Double
    let commandsRun: Int
    let commandsSent: Int

    /// Jobs per second between 5 % and 95 % of the jobs, so that the start-up and the last stragglers do not count.
    var rate: Double { Double(span.jobs) / (Double(span.to.at - span.from.at) / 1e9) }
    var wallRate: Double { Double(count) / wall }
    /// µs per job over the same span, for all workers together.
    var workerCPU: Double { Double(span.to.workerCPU - span.from.workerCPU) / 1000 / Double(span.jobs) }
    var redisCPU: Double { Double(span.to.redisCPU - span.from.redisCPU) / 1000 / Double(span.jobs) }
    /// Commands per job: those that Redis ran, including those inside scripts, and those that workers sent.
    var commands: Double { Double(commandsRun) / Double(count) }
    var sent: Double { Double(commandsSent) / Double(count) }

    /// The last sample below 5 % and the first from 95 % on.
    private var span: (from: Sample, to: Sample, jobs: Int) {
        let none = Sample(at: 0, done: 0, workerCPU: 0, redisCPU: 0)
        let from = samples.last { $0.done * 20 < count } ?? samples.first ?? none
        let to = samples.first { $0.done * 20 >= count * 19 } ?? samples.last ?? none
        return (from, to, max(to.done - from.done, 1))
    }
}
