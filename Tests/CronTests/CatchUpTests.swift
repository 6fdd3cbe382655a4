import Cron
import Testing

@Suite struct CatchUpTests {
    static let now = ms("2026-06-01T12:00Z") + 30_000
    static let hour = 3_600_000
    /// Ticks from 9:00 to 12:00.
    static let table: [(CatchUp, run: [Int], missed: Int)] = [
        (.none, [12], 3),
        (.latest, [12], 3),
        (.all(limit: 1), [12], 3),
        (.all(limit: 2), [11, 12], 2),
        (.all(limit: 4), [9, 10, 11, 12], 0),
        (.all(limit: 1_000), [9, 10, 11, 12], 0),
    ]

    static func hourly() throws -> [Timing] {
        [try cron("@hourly"), try cron("0 0-23 * * *"), .every(interval: hour, anchor: ms("2025-01-01T00:00Z"))]
    }

    @Test func theDueTicksAreRunOrLeftOutAsTheCatchUpSays() throws {
        for timing in try Self.hourly() {
            for (catchUp, run, missed) in Self.table {
                let due = timing.due(since: ms("2026-06-01T09:00Z"), now: Self.now, catchUp: catchUp)
                let ticks = run.map { ms("2026-06-01T00:00Z") + $0 * Self.hour }
                #expect(due == Due(run: ticks, missed: missed, next: ms("2026-06-01T13:00Z")), "\(timing) \(catchUp)")
            }
        }
    }

    @Test func withoutCatchUpATickIsRunUntilItIsAMinuteOld() throws {
        let tick = ms("2026-06-01T12:00Z")
        for timing in try Self.hourly() {
            let young = timing.due(since: tick, now: tick + 59_999, catchUp: .none)
            #expect(young == Due(run: [tick], missed: 0, next: tick + Self.hour))
            let old = timing.due(since: tick, now: tick + 60_000, catchUp: .none)
            #expect(old == Due(run: [], missed: 1, next: tick + Self.hour))
        }
    }

    @Test func aTickIsDueAtItsVeryTime() throws {
        let tick = ms("2026-06-01T12:00Z")
        for timing in try Self.hourly() {
            let due = timing.due(since: tick, now: tick, catchUp: .latest)
            #expect(due == Due(run: [tick], missed: 0, next: tick + Self.hour))
        }
    }

    @Test func afterTheClockWasSetBackNothingIsDueAndNoTickComesAgain() throws {
        let tick = ms("2026-06-01T12:00Z")
        for timing in try Self.hourly() {
            let due = timing.due(since: tick, now: tick - 5 * Self.hour, catchUp: .all(limit: 100))
            #expect(due == Due(run: [], missed: 0, next: tick))
        }
    }

    @Test func aTickAtWhichNothingTicksIsOnlyTheBound() throws {
        for timing in try Self.hourly() {
            let due = timing.due(since: ms("2026-06-01T10:17Z"), now: Self.now, catchUp: .all(limit: 100))
            #expect(due.run == [ms("2026-06-01T11:00Z"), ms("2026-06-01T12:00Z")])
            #expect(due.missed == 0)
        }
    }

    @Test func theDueTicksBeginWithTheAnchor() {
        let anchor = ms("2026-06-01T11:30Z")
        let due = Timing.every(interval: 60_000, anchor: anchor).due(since: 0, now: Self.now, catchUp: .latest)
        #expect(due == Due(run: [Self.now - 30_000], missed: 30, next: Self.now + 30_000))
    }

    @Test func nothingIsDueBeforeTheAnchor() {
        let anchor = Self.now + 90_000
        let due = Timing.every(interval: 60_000, anchor: anchor).due(since: 0, now: Self.now, catchUp: .latest)
        #expect(due == Due(run: [], missed: 0, next: anchor))
    }

    /// 100 million ticks each time: one by one it would take hours.
    @Test(.timeLimit(.minutes(1))) func aDowntimeOfTwoCenturiesIsBoundedWork() throws {
        let now = ms("2199-06-01T12:00Z") + 30_000
        for timing in [try cron("* * * * *", "Europe/Vienna"), .every(interval: 60_000, anchor: 0)] {
            let due = timing.due(since: 0, now: now, catchUp: .all(limit: 3))
            let newest = now - 30_000
            #expect(due.run == [newest - 120_000, newest - 60_000, newest])
            #expect(due.missed == 10_000)
            #expect(due.next == newest + 60_000)
        }
    }

    @Test func missedTicksAreCountedExactlyUpToTenThousand() throws {
        let first = ms("2026-01-01T00:00Z")
        for timing in [try cron("* * * * *"), .every(interval: 60_000, anchor: 0)] {
            for (ticks, missed) in [(10_000, 9_999), (10_001, 10_000), (10_002, 10_000)] {
                let due = timing.due(since: first, now: first + (ticks - 1) * 60_000, catchUp: .latest)
                #expect(due.missed == missed)
                #expect(due.run.count == 1)
            }
        }
    }

    @Test func afterTheLastTickThereIsNoNext() throws {
        let last = ms("2199-12-31T00:00Z")
        let due = try cron("@daily").due(since: last, now: .max, catchUp: .latest)
        #expect(due == Due(run: [last], missed: 0, next: nil))
    }

    @Test func extremeTimesAreNoTrap() throws {
        for timing in try Self.hourly() {
            #expect(timing.due(since: .min, now: .min, catchUp: .latest).run == [])
            #expect(timing.due(since: .max, now: .max, catchUp: .latest) == Due(run: [], missed: 0, next: nil))
            #expect(timing.due(since: .min, now: .max, catchUp: .none).missed == 10_000)
        }
    }

    @Test func aLimitOutOfRangeCountsAsTheNearest() throws {
        let timing = Timing.every(interval: 1_000, anchor: 0)
        #expect(timing.due(since: 0, now: 5_000_000, catchUp: .all(limit: 5_000)).run.count == 1_000)
        #expect(timing.due(since: 0, now: 5_000_000, catchUp: .all(limit: -1)).run.count == 1)
    }

    @Test(arguments: ["none", "latest", "all:1", "all:25", "all:1000"])
    func aCatchUpIsWrittenAsItIsRead(_ text: String) {
        #expect(CatchUp(text)?.text == text)
    }

    @Test func allMeansAHundred() {
        #expect(CatchUp("all") == .all(limit: 100))
    }

    @Test(arguments: [
        "", "None", "all:", "all:0", "all:1001", "all:-1", "all:+5", "all:05", "all:5:5", "latest:5", " all",
    ])
    func anythingElseIsNoCatchUp(_ text: String) {
        #expect(CatchUp(text) == nil)
    }
}
