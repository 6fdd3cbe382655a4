import Enqueue
import Figures
import Foundation
import Queue
import Servers

/// How fast one process stores jobs, without workers.
enum Enqueueing {
    static let parts: [Catalog.Part] = [
        Catalog.Part(name: "enqueue, bulk", gives: ["enqueue_bulk"]) { session in
            let jobs = session.options.jobs(300_000, quick: 10_000)
            return ["enqueue_bulk": try await bulk(jobs, on: session.plain)]
        },
        Catalog.Part(name: "enqueue, one by one from 256 callers", gives: ["enqueue_single_256"]) { session in
            let jobs = session.options.jobs(250_000, quick: 10_000)
            return ["enqueue_single_256": try await single(jobs, callers: 256, on: session.plain)]
        },
        Catalog.Part(name: "enqueue, one by one from 1 caller", gives: ["enqueue_single_1"]) { session in
            let jobs = session.options.jobs(30_000, quick: 1000)
            return ["enqueue_single_1": try await single(jobs, callers: 1, on: session.plain)]
        },
    ]

    /// Ten thousand jobs per call, one call after the other. The time includes making the jobs, which happens while the
    /// previous ones are stored.
    ///
    /// - Returns: jobs per second.
    private static func bulk(_ count: Int, on site: Site) async throws -> Double {
        try await site.reset()
        let client = try await Enqueue(redis: try site.server.url)
        let start = Monotonic.now
        var jobs: [NewJob] = []
        for first in stride(from: 0, to: count, by: 10_000) {
            let ready = jobs
            async let stored = client.add(all: ready)
            let next = try noops(first..<min(first + 10_000, count))
            _ = try await stored
            jobs = next
        }
        _ = try await client.add(all: jobs)
        let rate = rate(count, since: start)
        await client.close()
        return rate
    }

    private static func single(_ count: Int, callers: Int, on site: Site) async throws -> Double {
        try await site.reset()
        let client = try await Enqueue(redis: try site.server.url)
        let each = count / callers
        let start = Monotonic.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for i in 0..<each { _ = try await client.add(try noop(caller * each + i)) }
                }
            }
            try await group.waitForAll()
        }
        let rate = rate(each * callers, since: start)
        await client.close()
        return rate
    }

    static func noop(_ seq: Int) throws -> NewJob {
        try NewJob("system.noop", arguments: BenchPayload.json(seq, Monotonic.now), in: .default)
    }

    static func noops(_ range: Range<Int>) throws -> [NewJob] { try range.map(noop) }

    static func rate(_ count: Int, since start: Int) -> Double {
        Double(count) / (Double(Monotonic.now - start) / 1e9)
    }
}
