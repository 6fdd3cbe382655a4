import Figures
import Foundation
import Queue
import Servers

/// Permits that handlers ask for, a pause of a key, and what two limits cost a single job.
enum FlowPermits {
    /// What a job of `bench.permits` does: it takes so many permits, and stamps each.
    struct Order: Codable {
        var path: String
        var permits: Int
    }

    /// How long a job of `bench.pause` pauses the key.
    static let pause = Duration.seconds(2)

    static let entries: [Catalog.Entry] =
        [1, 4, 8].flatMap { workers in
            [
                Catalog.Entry(
                    name: "permit_gap_\(workers)_processes_ms", unit: "ms",
                    wanted: .atLeast(Double(FlowLimits.interval) - 5)),
                Catalog.Entry(
                    name: "permit_rate_\(workers)_processes", unit: "of the permitted rate", wanted: .atLeast(0.95)),
            ]
        } + [
            Catalog.Entry(
                name: "arrivals_in_a_pause", unit: "jobs", wanted: .atMost(0), beside: [("gap_ms", "pause_gap_ms")]),
            Catalog.Entry(
                name: "two_limits_p50_ms", unit: "ms", wanted: .atMost(1), beside: [("without", "no_limits_p50_ms")]),
        ]

    static let parts: [Catalog.Part] =
        [1, 4, 8].map { workers in
            Catalog.Part(
                name: "permits of handlers, \(workers) workers",
                gives: ["permit_gap_\(workers)_processes_ms", "permit_rate_\(workers)_processes"]
            ) { session in
                let permits = session.options.jobs(10_000, quick: 100)
                let stamps = try await arrivals(of: permits, workers: workers, on: session.plain)
                let gaps = zip(stamps, stamps.dropFirst()).map { Double($1 - $0) / 1e6 }
                let span = Double((stamps.last ?? 0) - (stamps.first ?? 0)) / 1e6
                return [
                    "permit_gap_\(workers)_processes_ms": gaps.min() ?? 0,
                    "permit_rate_\(workers)_processes": Double(gaps.count * FlowLimits.interval) / span,
                ]
            }
        } + [paused, twoLimits]

    /// When handlers got permits, of twenty jobs that run at once.
    private static func arrivals(of permits: Int, workers: Int, on site: Site) async throws -> [Int] {
        try await site.reset()
        let directory = try Scratch.directory()
        let stamper = try Stamper(at: directory + "/arrivals")
        try await site.queue.setLimit("spaced", to: Limit(rate: .spaced(.milliseconds(FlowLimits.interval))))
        let order = try JSONEncoder().encode(Order(path: stamper.path, permits: permits / 20))
        try await site.queue.enqueue(
            try (0..<20).map { _ in try NewJob("bench.permits", arguments: Array(order), in: .default) })
        let processes = try FlowLimits.workers(workers, on: site, in: directory)
        try await Scratch.wait("\(permits) permits", for: .seconds(300)) {
            for process in processes { try process.check() }
            return stamper.stamps.count >= permits / 20 * 20
        }
        for process in processes { await process.end() }
        return stamper.stamps
    }

    /// A job pauses the key while four processes work. What was handed out before the pause may still arrive in its first
    /// 50 ms.
    private static let paused = Catalog.Part(name: "a pause", gives: ["arrivals_in_a_pause", "pause_gap_ms"]) {
        session in
        let site = session.plain, count = 300
        try await site.reset()
        let directory = try Scratch.directory()
        let stamper = try Stamper(at: directory + "/arrivals")
        try await site.queue.setLimit("spaced", to: Limit(rate: .spaced(.milliseconds(FlowLimits.interval))))
        try await site.queue.enqueue(
            try (0..<count).map { _ in
                try NewJob(
                    "bench.arrive", arguments: Array("\"\(stamper.path)\"".utf8), in: .default,
                    options: JobOptions(limits: [LimitUse("spaced")]))
            })
        let processes = try FlowLimits.workers(4, on: site, in: directory)
        try await Scratch.wait("the first arrivals", for: .seconds(60)) { stamper.stamps.count >= 50 }
        try await site.queue.enqueue([try NewJob("bench.pause", arguments: [], in: .default)])
        var paused: Int?
        try await Scratch.wait("the pause", for: .seconds(60)) {
            paused = try await site.queue.limit("spaced")?.pausedUntil
            return paused != nil
        }
        let start = Stamper.now
        try await Scratch.wait("\(count) arrivals", for: .seconds(60)) { stamper.stamps.count >= count }
        for process in processes { await process.end() }
        let length = FlowPermits.pause / .milliseconds(1) * 1e6
        let during = stamper.stamps.filter { Double($0 - start) > 50e6 && Double($0 - start) < length - 100e6 }
        let gaps = zip(stamper.stamps, stamper.stamps.dropFirst()).map { Double($1 - $0) / 1e6 }
        return ["arrivals_in_a_pause": Double(during.count), "pause_gap_ms": gaps.max() ?? 0]
    }

    /// From storing a job until it is handed out, one job at a time.
    private static let twoLimits = Catalog.Part(
        name: "two limits without contention", gives: ["two_limits_p50_ms", "no_limits_p50_ms"]
    ) { session in
        let queue = session.plain.queue
        func p50(_ options: JobOptions) async throws -> Double {
            try await session.plain.reset()
            for key in ["a", "b"] {
                try await queue.setLimit(key, to: Limit(rate: .spaced(.milliseconds(1), burst: 1000), atOnce: 1000))
            }
            try await queue.join("w", lease: .seconds(60), about: "{}")
            var times: [Double] = []
            for seq in 0..<(session.options.quick ? 100 : 3000) {
                let job = try NewJob(
                    "system.noop", arguments: BenchPayload.json(seq, 0), in: .default, options: options)
                let start = Monotonic.now
                try await queue.enqueue([job])
                let claims = try await queue.reserve(upTo: 1, by: "w").claims
                times.append(Double(Monotonic.now - start) / 1e6)
                _ = try await queue.settle(
                    claims.map { Settled($0, .succeeded(result: .null, dropsSteps: false)) }, by: "w")
            }
            return times.median ?? 0
        }
        let without = try await p50(JobOptions())
        return [
            "two_limits_p50_ms": try await p50(JobOptions(limits: [LimitUse("a"), LimitUse("b")])),
            "no_limits_p50_ms": without,
        ]
    }
}
