import Queue
import Testing

@testable import chaos

/// Which fault interrupted a job, and for how long. Ledger and fault log are made by hand: one job, times in seconds.
@Suite struct RecoveryTests {
    private func run(_ attempt: Int, at: Double, pid: Int32, failed: Bool = false) -> Run {
        Run(id: "a", attempt: attempt, pid: pid, startedAt: Int(at * 1e9), failed: failed)
    }

    private func hit(_ kind: FaultKind, pid: Int32 = 1, _ from: Double, _ to: Double) -> FaultLog.Hit {
        FaultLog.Hit(kind: kind, pid: pid, during: Int(from * 1e9)...Int(to * 1e9))
    }

    private func recoveries(
        _ runs: [Run], _ hits: [FaultLog.Hit], outages: [ClosedRange<Double>] = [], priority: Priority = .default
    ) -> [Recovery] {
        let faults = FaultLog.Content(
            hits: hits, outages: outages.map { Int($0.lowerBound * 1e9)...Int($0.upperBound * 1e9) })
        return Recovery.measured(["a": runs], under: faults, ["a": Promise(kind: .quick, priority: priority)])
    }

    /// Process 1 began at 1 s, process 2 began again at 4 s.
    private var twoRuns: [Run] { [run(1, at: 1, pid: 1), run(2, at: 4, pid: 2)] }

    @Test(arguments: [FaultKind.kill, .freeze, .cut, .hang, .stall, .slow, .deploy])
    func itIsMeasuredFromTheBeginOfTheFaultToTheNextStart(kind: FaultKind) {
        #expect(
            recoveries(twoRuns, [hit(kind, 2, 3)])
                == [Recovery(kind: kind, id: "a", attempt: 1, seconds: 2, isDelayed: false)])
    }

    @Test(arguments: [FaultKind.redis, .freezeAll])
    func afterAnOutageItIsMeasuredFromWhenSomebodyCouldTakeTheJobOver(kind: FaultKind) {
        #expect(
            recoveries(twoRuns, [hit(kind, 2, 3.5)], outages: [2...4.5])
                == [Recovery(kind: kind, id: "a", attempt: 1, seconds: 0.5, isDelayed: false)])
    }

    @Test func aFaultOfAnotherProcessIsNotTheCause() {
        #expect(recoveries(twoRuns, [hit(.kill, pid: 2, 2, 2)]).isEmpty)
    }

    @Test func aFaultThatWasOverBeforeTheRunBeganIsNotTheCause() {
        #expect(recoveries(twoRuns, [hit(.slow, 0.2, 0.9)]).isEmpty)
    }

    @Test func aFaultThatBeganAfterTheNextStartIsNotTheCause() {
        #expect(recoveries(twoRuns, [hit(.kill, 4.1, 4.1)]).isEmpty)
    }

    @Test func aRunThatBeganInsideTheFaultStandsStillFromItsOwnStart() {
        #expect(recoveries(twoRuns, [hit(.hang, 0.5, 3)]).map(\.seconds) == [3])
    }

    @Test func theFirstOfTwoFaultsIsTheCause() {
        let both = [hit(.kill, 3, 3), hit(.freeze, 2, 2.5)]
        #expect(recoveries(twoRuns, both).map(\.kind) == [.freeze])
        #expect(recoveries(twoRuns, both).map(\.seconds) == [2])
    }

    @Test func aRunThatFailedWasNotInterrupted() {
        #expect(recoveries([run(1, at: 1, pid: 1, failed: true), run(2, at: 4, pid: 2)], [hit(.kill, 2, 2)]).isEmpty)
    }

    @Test func aRunThatNoOtherFollowsWasNotInterrupted() {
        #expect(recoveries([run(1, at: 1, pid: 1)], [hit(.kill, 2, 2)]).isEmpty)
    }

    @Test func aRunThatBeganAfterALaterAttemptWasLateAndNotInterrupted() {
        let runs = [run(2, at: 1, pid: 2), run(1, at: 1.5, pid: 1), run(3, at: 4, pid: 3)]
        #expect(recoveries(runs, [hit(.stall, 1, 3)]).isEmpty)
    }

    @Test func anInterruptionAfterAFailureIsNotDelayed() {
        let runs = [run(1, at: 1, pid: 1, failed: true), run(2, at: 2, pid: 1), run(3, at: 4, pid: 2)]
        #expect(recoveries(runs, [hit(.kill, 3, 3)]).map(\.isDelayed) == [false])
    }

    @Test func theSecondInterruptionOfAJobIsDelayed() {
        let runs = [run(1, at: 1, pid: 1), run(2, at: 4, pid: 2), run(3, at: 9, pid: 3)]
        let found = recoveries(runs, [hit(.kill, 2, 2), hit(.kill, pid: 2, 5, 5)])
        #expect(found.map(\.attempt) == [1, 2])
        #expect(found.map(\.seconds) == [2, 4])
        #expect(found.map(\.isDelayed) == [false, true])
    }

    @Test func anAttemptThatWasLostBeforeItBeganDelays() {
        let runs = [run(1, at: 1, pid: 1), run(3, at: 9, pid: 3)]
        #expect(recoveries(runs, [hit(.kill, 2, 2)]).map(\.isDelayed) == [true])
    }

    @Test func aJobOfLowPriorityIsDelayed() {
        #expect(recoveries(twoRuns, [hit(.kill, 2, 2)], priority: .low).map(\.isDelayed) == [true])
    }

    @Test func anOutageMeanwhileDelays() {
        #expect(recoveries(twoRuns, [hit(.kill, 2, 2)], outages: [2.5...3]).map(\.isDelayed) == [true])
        #expect(recoveries(twoRuns, [hit(.kill, 2, 2)], outages: [4.5...5]).map(\.isDelayed) == [false])
    }
}
