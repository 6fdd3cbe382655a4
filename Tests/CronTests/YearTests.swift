import Cron
import Testing

@Suite struct YearTests {
    /// How often each ticks in 2026 in Vienna, where the year has 8,760 hours, one of them without 2 o'clock and one
    /// more with it.
    static let schedules: [(String, RepeatedHour, Int)] = [
        ("* * * * *", .once, 525_600),
        ("*/5 * * * *", .once, 105_120),
        ("0-59/5 0-23 * * *", .once, 105_108),  // the 12 of the gap and that at 3:00 are one tick
        ("0-59/5 0-23 * * *", .twice, 105_120),
        ("@hourly", .once, 8_760),
        ("30 2 * * *", .once, 365),
        ("30 2 * * *", .twice, 366),
        ("*/15 2 * * *", .once, 1_460),
        ("0 9 * * mon-fri", .once, 261),
        ("0 0 1,L * *", .once, 24),
        ("0 12 * * friL", .once, 12),
        ("@yearly", .once, 1),
        ("0 0 13 * 5", .once, 61),  // 52 Fridays and 12 days, three of them both
    ]

    @Test(arguments: schedules) func aYearHasTheTicksThatItMust(
        _ expression: String, _ hour: RepeatedHour, _ expected: Int
    ) throws {
        let timing = try cron(expression, "Europe/Vienna", hour)
        var (after, count) = (ms("2026-01-01T00:00+01:00") - 1, 0)
        let end = ms("2027-01-01T00:00+01:00")
        while let tick = timing.next(after: after), tick < end {
            guard tick > after else { break }
            (after, count) = (tick, count + 1)
        }
        #expect(count == expected)
    }

    /// A loop over schedules that wakes up at each tick, with a stop of three days and a restart.
    @Test func aSimulatedYearRunsOrMissesEveryTickOnce() throws {
        let timings = [
            try cron("*/10 * * * *", "America/New_York"), try cron("30 2 * * *", "Australia/Lord_Howe", .twice),
            try cron("0 0 L * *", "Africa/Cairo"), .every(interval: 5_400_000, anchor: ms("2025-12-31T23:17Z")),
        ]
        let (start, end) = (ms("2026-01-01T00:00Z"), ms("2027-01-01T00:00Z"))
        let down = ms("2026-03-07T00:00Z")..<ms("2026-03-10T00:00Z")
        for timing in timings {
            var (run, missed): ([Int], Int) = ([], 0)
            var next = timing.next(after: start - 1)
            while let tick = next, tick < end {
                let now = down.contains(tick) ? down.upperBound : tick + 250
                let due = timing.due(since: tick, now: now, catchUp: .all(limit: 5))
                run += due.run
                missed += due.missed
                next = due.next
            }
            let all = timing.ticks(from: start, before: end)
            let lost = all.filter { down.contains($0) || $0 == down.upperBound }.dropLast(5)
            #expect(run == all.filter { !lost.contains($0) })
            #expect(missed == lost.count)
        }
    }
}
