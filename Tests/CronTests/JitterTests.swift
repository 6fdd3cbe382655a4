import Cron
import Testing

@Suite struct JitterTests {
    /// All processes and versions must agree. The numbers are from the formulas of FNV-1a and SplitMix64, in Python.
    @Test func theJitterOfATickIsFixed() {
        #expect(Jitter.offset(of: "nightly", tick: 1_780_000_000_000, within: 60_000) == 29_513)
        #expect(Jitter.offset(of: "nightly", tick: 1_780_086_400_000, within: 60_000) == 59_267)
        #expect(Jitter.offset(of: "weekly", tick: 1_780_000_000_000, within: 60_000) == 28_376)
    }

    @Test func theJittersOfOneScheduleAreSpreadEvenly() {
        var counts = [Int](repeating: 0, count: 10)
        for day in 0..<10_000 { counts[Jitter.offset(of: "report", tick: day * 86_400_000, within: 1_000) / 100] += 1 }
        // 1,000 are expected, with a deviation of 30.
        #expect(counts.allSatisfy { (850...1_150).contains($0) }, "\(counts)")
    }

    @Test func theJittersOfOneTickAreSpreadEvenly() {
        var counts = [Int](repeating: 0, count: 10)
        for number in 0..<10_000 { counts[Jitter.offset(of: "job-\(number)", tick: 0, within: 1_000) / 100] += 1 }
        #expect(counts.allSatisfy { (850...1_150).contains($0) }, "\(counts)")
    }

    @Test func everyOffsetBelowTheLimitOccursAndNoOther() {
        let offsets = Set((0..<1_000).map { Jitter.offset(of: "a", tick: $0, within: 7) })
        #expect(offsets == Set(0..<7))
    }

    @Test func withoutALimitThereIsNoJitter() {
        #expect(Jitter.offset(of: "a", tick: 5, within: 0) == 0)
        #expect(Jitter.offset(of: "a", tick: 5, within: -5) == 0)
        #expect(Jitter.offset(of: "a", tick: .min, within: 1) == 0)
    }
}
