import Cron
import Servers

@testable import Queue

/// One schedule, whose ticks are made as workers make them.
extension ModelRun {
    private static let name = "s"

    mutating func setSchedule() async throws {
        var (job, options) = (JobSpec(type: "test.noop"), Model.Options(isTick: true))
        job.args = Array("{}".utf8)
        if isLimited, random.below(2) == 0 {
            options.limits = ["two", "one"]
            job.limits = options.limits.map { LimitUse($0) }
        }
        if isShared, random.below(2) == 0 {
            options.tenant = "b"
            job.tenant = options.tenant
        }
        let ttl = random.pick([nil, nil, 3000])
        job.expires = ttl.map { .milliseconds($0) }
        let interval = random.pick([1000, 3000])
        let overlap = random.pick(ScheduleSpec.Overlap.allCases)
        let pauseAfter = random.pick([nil, 1, 2])
        jitter = random.pick([0, 0, 2000])
        let spec = ScheduleSpec(
            name: Self.name, timing: .every(interval: interval, anchor: start), job: job,
            jitter: .milliseconds(jitter), overlap: overlap, pauseAfterFailures: pauseAfter)
        log("schedule every \(interval), \(overlap), pause after \(pauseAfter ?? 0), jitter \(jitter), \(options)")
        try await queue.putSchedule(spec, now: now)
        model.schedule = ModelSchedule(
            overlap: overlap, pauseAfter: pauseAfter, interval: interval, ttl: ttl, options: options,
            tick: now + interval, offeredFrom: now + interval)
    }

    /// A tick is offered and made, perhaps later or by two workers; or the schedule is paused or resumed.
    mutating func tick() async throws {
        if random.below(8) == 0 { return try await pauseSchedule() }
        let offers = try await queue.offeredTicks(now: now)
        try expect("offered tick", offers.first?.tick, model.offerTick(now: now))
        offered = Array((offered + offers).suffix(3))
        guard let offer = random.below(4) == 0 ? offered.first : offered.last, random.below(5) > 0,
            !replacesTwo()
        else { return }
        for _ in 0..<twice() {
            let latest = model.schedule?.latest(offer.now) ?? 0
            let id = JobID.of("cron:\(Self.name):\(TickText.text(latest))")
            log("make tick \(offer.tick), offered at \(offer.now): \(id)")
            if !ids.contains(id) { ids.append(id) }
            let offset = Jitter.offset(of: Self.name, tick: latest, within: jitter)
            let wanted = model.make(
                offer.tick, offeredAt: offer.now, id, delay: max(0, latest + offset - offer.now), now: now)
            try expect("tick", try await queue.make(offer, now: now), wanted)
        }
    }

    /// Two that are called off and end with their worker would do so in an open order.
    private func replacesTwo() -> Bool {
        guard let last = model.schedule?.last, case .running(let worker, _, _) = model.jobs[last]?.place else {
            return false
        }
        return model.claims(of: worker).contains { $0 != last && model.jobs[$0]?.cancelRequested == true }
    }

    private mutating func pauseSchedule() async throws {
        let pauses = random.below(3) == 0
        for _ in 0..<twice() {
            log(pauses ? "pause the schedule" : "resume the schedule")
            if pauses {
                try expect("pause", try await queue.pauseSchedule(Self.name), model.pauseSchedule())
            } else {
                try expect(
                    "resume", try await queue.resumeSchedule(Self.name, now: now), model.resumeSchedule(now: now))
            }
        }
    }

    func compareSchedule() async throws {
        guard let wanted = model.schedule, let real = try await queue.schedule(Self.name, now: now) else { return }
        try expect("next tick", real.nextTick, wanted.tick)
        try expect("last job", real.last?.id, wanted.last)
        try expect("buffered job", real.buffered, wanted.buffered)
        try expect("pause of the schedule", real.pause, wanted.pause)
        try expect("failures in a row", real.failures, wanted.failures)
        try expect(
            "made, skipped, missed", [real.made, real.skipped, real.missed],
            [wanted.made, wanted.skipped, wanted.missed])
    }
}
