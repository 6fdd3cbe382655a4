import Figures
import Foundation
import PackhorseRedis
import Queue
import Servers

/// What limits, tenants, caps and keys cost: the no-op drain with a feature, as a ratio to the drain without it in the same run.
enum Flow {
    /// A feature, how a queue is set up for it, and the options of the drained jobs.
    struct Feature: Sendable {
        let name: String
        var wanted: Wanted?
        var type = "system.noop"
        var options: @Sendable (_ seq: Int) -> JobOptions = { _ in JobOptions() }
        var prepare: @Sendable (Queue) async throws -> Void = { _ in }
    }

    static let features: [Feature] = [
        Feature(
            name: "limit_unused", wanted: .atLeast(0.98),
            prepare: { try await $0.setLimit("k", to: Limit(rate: .spaced(.milliseconds(1)), atOnce: 1)) }),
        Feature(name: "limit_parked", wanted: .atLeast(0.9), prepare: { try await park(10_000, in: $0) }),
        Feature(name: "limit_on", options: { _ in JobOptions(limits: [LimitUse("open")]) }),
        Feature(
            name: "concurrency_on", options: { _ in JobOptions(limits: [LimitUse("k")]) },
            prepare: { try await $0.setLimit("k", to: Limit(atOnce: 1_000_000)) }),
        Feature(
            name: "tenants_unused", wanted: .atLeast(0.98),
            prepare: { try await $0.setTenant("*", to: TenantTerms(weight: 2, maxWaiting: 1000)) }),
        Feature(name: "tenants_on", options: { JobOptions(tenant: "tenant-\($0 % 10)") }),
        Feature(
            name: "sequence_on",
            options: { JobOptions(sequence: JobSequence("key-\($0 % 100)", afterDead: .goOn)) }),
        Feature(
            name: "collect_on", type: "bench.collected",
            options: { _ in JobOptions(collect: Collect("k", upTo: 75, within: .milliseconds(10))) }),
        Feature(name: "caps_on", prepare: cap),
        Feature(name: "unique_on", options: { JobOptions(key: IdempotencyKey("key-\($0)")) }),
    ]

    static let entries: [Catalog.Entry] =
        features.map { feature in
            Catalog.Entry(
                name: "cost_\(feature.name)", unit: "of the drain without it", wanted: feature.wanted,
                beside: [("drain", "drain_\(feature.name)"), ("without", "drain_\(feature.name)_without")])
        } + [
            Catalog.Entry(
                name: "reserve_parked_keys_p50_ms", unit: "ms", beside: [("without", "reserve_p50_ms")]),
            Catalog.Entry(name: "tenant_jobs_before_another", unit: "jobs", wanted: .atMost(1)),
        ] + FlowLimits.entries + FlowPermits.entries

    static let parts: [Catalog.Part] =
        features.map { feature in
            Catalog.Part(
                name: "cost of \(feature.name)",
                gives: ["cost_\(feature.name)", "drain_\(feature.name)", "drain_\(feature.name)_without"]
            ) { session in
                // Both orders in turn, so that a machine that gets slower or faster favours neither.
                var with: [Double] = [], without: [Double] = []
                for turn in 0..<(session.options.quick ? 1 : 4) {
                    if turn % 2 == 0 { without.append(try await drain(nil, session)) }
                    with.append(try await drain(feature, session))
                    if turn % 2 == 1 { without.append(try await drain(nil, session)) }
                }
                return [
                    "cost_\(feature.name)": (with.median ?? 0) / (without.median ?? 1),
                    "drain_\(feature.name)": with.median ?? 0, "drain_\(feature.name)_without": without.median ?? 0,
                ]
            }
        } + [reserveLatency, deepTenant] + FlowLimits.parts + FlowPermits.parts

    /// - Returns: jobs per second.
    private static func drain(_ feature: Feature?, _ session: Session) async throws -> Double {
        let site = session.plain, count = session.options.jobs(200_000, quick: 10_000)
        try await site.reset()
        try await feature?.prepare(site.queue)
        let before = try await site.succeeded()
        for first in stride(from: 0, to: count, by: 10_000) {
            let jobs = try (first..<min(first + 10_000, count)).map { seq in
                try NewJob(
                    feature?.type ?? "system.noop", arguments: BenchPayload.json(seq, Monotonic.now), in: .default,
                    options: feature?.options(seq) ?? JobOptions())
            }
            try await site.queue.enqueue(jobs)
        }
        let directory = try Scratch.directory()
        let drained = try await Drain.drain(count, on: site, asking: true) {
            [try MeasuredProcess(on: site, record: directory + "/record", log: directory + "/worker")]
        } done: {
            try await site.succeeded() - before
        }
        return drained.rate
    }

    private static func cap(_ queue: Queue) async throws {
        var config = QueueConfig()
        for setting in [QueueSetting.maxWaiting, .maxBytes] { try config.set(setting, to: 1_000_000_000) }
        try config.set(.maxRunning, to: 1_000_000)
        _ = try await queue.configure(config)
    }

    /// Leaves a job at the gate of each of so many keys, none of which has a permit for a day.
    private static func park(_ keys: Int, in queue: Queue) async throws {
        try await queue.setLimit("parked:*", to: Limit(rate: .spaced(.seconds(86_400))))
        try await queue.join("parking", lease: .seconds(60), about: "{}")
        for _ in 0..<2 {
            let jobs = try (0..<keys).map {
                try NewJob(
                    "system.noop", arguments: [], in: .default,
                    options: JobOptions(limits: [LimitUse("parked:\($0)")]))
            }
            try await queue.enqueue(jobs)
        }
        var taken = 0
        while taken < keys {
            let claims = try await queue.reserve(upTo: 1000, by: "parking").claims
            taken += claims.count
            _ = try await queue.settle(
                claims.map { Settled($0, .succeeded(result: .null, dropsSteps: false)) }, by: "parking")
        }
        _ = try await queue.leave("parking")
    }

    /// One job is stored, reserved and settled at a time.
    private static let reserveLatency = Catalog.Part(
        name: "reserve beside 10,000 parked keys", gives: ["reserve_parked_keys_p50_ms", "reserve_p50_ms"]
    ) { session in
        let queue = session.plain.queue
        func p50() async throws -> Double {
            try await queue.join("w", lease: .seconds(60), about: "{}")
            var times: [Double] = []
            for seq in 0..<(session.options.quick ? 100 : 3000) {
                try await queue.enqueue([try Enqueueing.noop(seq)])
                let start = Monotonic.now
                let claims = try await queue.reserve(upTo: 1, by: "w").claims
                times.append(Double(Monotonic.now - start) / 1e6)
                _ = try await queue.settle(
                    claims.map { Settled($0, .succeeded(result: .null, dropsSteps: false)) }, by: "w")
            }
            return times.median ?? 0
        }
        try await session.plain.reset()
        let without = try await p50()
        try await session.plain.reset()
        try await park(session.options.jobs(10_000, quick: 1000), in: queue)
        return ["reserve_parked_keys_p50_ms": try await p50(), "reserve_p50_ms": without]
    }

    /// How many jobs of a tenant with 100,000 ready jobs are taken before another tenant's new one.
    private static let deepTenant = Catalog.Part(name: "a deep tenant", gives: ["tenant_jobs_before_another"]) {
        session in
        let queue = session.plain.queue
        try await session.plain.reset()
        try await queue.join("w", lease: .seconds(60), about: "{}")
        func job(_ tenant: String) throws -> NewJob {
            try NewJob(
                "system.noop", arguments: BenchPayload.json(0, 0), in: .default, options: JobOptions(tenant: tenant))
        }
        try await queue.enqueue(try (0..<session.options.jobs(100_000, quick: 1000)).map { _ in try job("deep") })
        var most = 0
        for _ in 0..<20 {
            let small = try job("small")
            try await queue.enqueue([small])
            var before = 0
            while let claim = try await queue.reserve(upTo: 1, by: "w").claims.first, claim.id != small.id {
                before += 1
            }
            most = max(most, before)
        }
        return ["tenant_jobs_before_another": Double(most)]
    }
}
