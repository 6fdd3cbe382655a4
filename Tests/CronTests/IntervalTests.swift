import Cron
import Testing

@Suite struct IntervalTests {
    @Test func ticksAreCountedFromTheAnchorWheneverSomeoneAsks() {
        let timing = Timing.every(interval: 7_000, anchor: 1_000_003)
        for after in stride(from: 1_000_003, to: 1_100_000, by: 911) {
            let next = timing.next(after: after)
            #expect(next == 1_000_003 + ((after - 1_000_003) / 7_000 + 1) * 7_000)
        }
    }

    @Test func theAnchorIsTheFirstTick() {
        let timing = Timing.every(interval: 60_000, anchor: 5_000_000)
        #expect(timing.next(after: 0) == 5_000_000)
        #expect(timing.next(after: 4_999_999) == 5_000_000)
        #expect(timing.next(after: 5_000_000) == 5_060_000)
    }

    @Test func anAnchorBefore1970CountsAsWell() {
        #expect(Timing.every(interval: 10_000, anchor: -3_000).next(after: -1) == 7_000)
        let next = Timing.every(interval: 1_000, anchor: .min).next(after: 5_000)
        #expect(next.map { ($0 % 1_000 + 808) % 1_000 } == 0)
    }

    @Test func anIntervalOutOfRangeNeverTicks() {
        #expect(Timing.intervals == 1_000...31_622_400_000)
        #expect(Timing.every(interval: 999, anchor: 0).next(after: 0) == nil)
        #expect(Timing.every(interval: 0, anchor: 0).next(after: 0) == nil)
        #expect(Timing.every(interval: 31_622_400_001, anchor: 0).next(after: 0) == nil)
        #expect(Timing.every(interval: 31_622_400_000, anchor: 0).next(after: 0) == 31_622_400_000)
    }

    @Test func nothingTicksFrom2200On() {
        let end = ms("2200-01-01T00:00Z")
        #expect(Timing.every(interval: 1_000, anchor: 0).next(after: end - 1_001) == end - 1_000)
        #expect(Timing.every(interval: 1_000, anchor: 0).next(after: end - 1_000) == nil)
        #expect(Timing.every(interval: 1_000, anchor: .max).next(after: 0) == nil)
    }
}
