import Testing

@testable import Worker

/// Times are ms of this clock; Redis' clock is 1,000 ms ahead of it unless a test says otherwise.
@Suite struct PunctualityTests {
    private let punctuality = Punctuality()

    private func hears(_ redis: Int, at now: Int) { punctuality.heard(redis, at: .milliseconds(now)) }
    private func mayUse(_ granted: Int, at now: Int) -> Bool { punctuality.mayUse(granted, at: .milliseconds(now)) }

    @Test func aPermitIsGoodForTwoMilliseconds() {
        hears(1010, at: 10)
        #expect(mayUse(1020, at: 22))
        #expect(!mayUse(1020, at: 23))
    }

    @Test func withoutAClockNothingIsLate() {
        #expect(mayUse(1000, at: 1_000_000))
    }

    @Test func aSlowNetworkIsNotLate() {
        for at in 1...5 { hears(1000 + at * 100, at: at * 100 + 50) }
        #expect(mayUse(1600, at: 652))
        #expect(!mayUse(1600, at: 653))
    }

    @Test func theSmallestDifferenceOfTheLastSecondsCounts() {
        hears(1000, at: 0)
        hears(1100, at: 120)
        #expect(!mayUse(1200, at: 203))
        // Redis' clock was set back: it is forgotten what it was, after a while.
        hears(5200, at: 5220)
        #expect(!mayUse(5300, at: 5320))
        hears(10_300, at: 10_320)
        #expect(mayUse(10_400, at: 10_420))
        // Nothing was heard for long.
        hears(100_000, at: 100_500)
        #expect(mayUse(100_100, at: 100_600))
    }

    @Test func fewAreExchanged() {
        hears(1000, at: 0)
        let late = { !mayUse(1000, at: 100) }
        #expect((0..<10).map { _ in late() } == (0..<10).map { $0 < Punctuality.atOnce })
        // What was used late does not pay for an exchange.
        for _ in 1..<(Punctuality.share - 1) { #expect(mayUse(1000, at: 0)) }
        #expect(!late())
        #expect(mayUse(1000, at: 0))
        #expect(late())
        for _ in 0..<1000 { #expect(mayUse(1000, at: 0)) }
        #expect((0..<10).map { _ in late() } == (0..<10).map { $0 < Punctuality.atOnce })
    }

    @Test func itKnowsWhenAMomentIs() throws {
        #expect(punctuality.moment(2000) == nil)
        hears(1000, at: 0)
        let (first, second) = (try #require(punctuality.moment(2000)), try #require(punctuality.moment(2500)))
        #expect(second - first == .milliseconds(500))
    }
}
