import Figures
import Queue
import Testing

@testable import chaos

/// The audit sees each thing that must not be. Evidence is made by hand: two runs of one job, times in ms and ns.
@Suite struct AuditTests {
    /// A job that process 1 ran once, and all is well.
    private func clean(_ kind: Kind = .quick) -> Evidence {
        let last: Ledger.Event = kind == .doomed ? .fail : .end
        return Evidence(
            acknowledged: ["a": Promise(kind: kind)],
            endings: [
                "a": Evidence.Ending(
                    state: kind == .doomed ? .dead : .succeeded, attempt: 1, pid: 1, startedAt: 1000, finishedAt: 1010,
                    result: kind == .doomed ? nil : ChaosResult(by: "1:1", steps: []))
            ],
            ledger: [entry(.start, at: 1), entry(last, at: 2)], faults: FaultLog.Content(),
            totals: Evidence.Totals(
                enqueued: 1, succeeded: kind == .doomed ? 0 : 1, dead: kind == .doomed ? 1 : 0))
    }

    private func entry(_ event: Ledger.Event, at: Int, attempt: Int = 1, step: Int = 0, pid: Int32 = 1) -> Ledger.Entry
    {
        Ledger.Entry(at: at, event: event, id: "a", attempt: attempt, step: step, pid: pid)
    }

    private func isLost(_ evidence: Evidence) -> Bool {
        Audit(evidence).findings.contains { if case .lost = $0 { true } else { false } }
    }
    private func isTwice(_ evidence: Evidence) -> Bool {
        Audit(evidence).findings.contains { if case .twice = $0 { true } else { false } }
    }
    private func isStale(_ evidence: Evidence) -> Bool {
        Audit(evidence).findings.contains { if case .stale = $0 { true } else { false } }
    }

    @Test(arguments: [Kind.quick, .doomed]) func findsNothingWhenAllIsWell(kind: Kind) {
        #expect(Audit(clean(kind)).findings.isEmpty)
    }

    @Test(arguments: [JobState.unknown, .queued, .running, .retrying, .scheduled, .dead, .cancelled, .expired])
    func aJobThatHasNotSucceededIsLost(state: JobState) {
        var evidence = clean()
        evidence.endings["a"]?.state = state
        #expect(isLost(evidence))
        evidence.endings["a"] = nil
        #expect(isLost(evidence))
    }

    @Test func aDoomedJobThatSucceededIsLost() {
        var evidence = clean(.doomed)
        evidence.endings["a"]?.state = .succeeded
        #expect(isLost(evidence))
    }

    @Test func moreEndingsThanJobs() {
        var evidence = clean()
        evidence.totals.succeeded = 2
        #expect(isTwice(evidence))
        evidence = clean(.doomed)
        evidence.totals.dead = 2
        #expect(isTwice(evidence))
        evidence = clean()
        evidence.totals.enqueued = 2
        #expect(isTwice(evidence))
    }

    @Test func oneAttemptInTwoProcesses() {
        var evidence = clean()
        evidence.ledger.append(entry(.start, at: 3, pid: 2))
        #expect(isTwice(evidence))
    }

    @Test(arguments: [(Promise.Feature.sequence("s"), 1), (.sequence("t"), 0), (.none, 0)])
    func aJobBeganBeforeTheOneBeforeItInItsSequenceHadEnded(feature: Promise.Feature, wanted: Int) {
        var evidence = clean()
        evidence.totals = Evidence.Totals(enqueued: 2, succeeded: 2)
        evidence.acknowledged["a"]?.feature = .sequence("s")
        evidence.acknowledged["b"] = Promise(kind: .quick, feature: feature)
        evidence.endings["b"] = evidence.endings["a"]
        evidence.endings["b"]?.finishedAt = 1020
        let began = { (ms: Int) in
            evidence.ledger = [entry(.start, at: 1_000_000_000), entry(.end, at: 1_010_000_000)]
            evidence.ledger += [(.start, ms), (.end, ms + 1)].map { (event, ms) in
                Ledger.Entry(at: ms * 1_000_000, event: event, id: "b", attempt: 1, step: 0, pid: 1)
            }
        }
        let found = { Audit(evidence).findings.filter { if case .early("b", _) = $0 { true } else { false } }.count }
        began(1009)
        #expect(found() == wanted)
        began(1010)
        #expect(found() == 0)
        evidence.clockOffset = -1_000_000
        #expect(found() == wanted)
    }

    @Test func anOutcomeWithoutWork() {
        var evidence = clean()
        evidence.ledger = [entry(.start, at: 1)]
        #expect(isStale(evidence))
        evidence = clean()
        evidence.endings["a"]?.pid = 2
        #expect(isStale(evidence))
    }

    @Test func aResultOfSomebodyElse() {
        var evidence = clean()
        evidence.endings["a"]?.result?.by = "2:1"
        #expect(isStale(evidence))
    }

    @Test func anOutcomeOfAnAttemptThatWasTakenOver() {
        var evidence = clean()
        evidence.ledger.append(entry(.start, at: 3, attempt: 2, pid: 2))
        #expect(isStale(evidence))
        #expect(Audit(evidence).reruns == 1)
    }

    @Test func anOutcomeAfterTheLeaseHadLapsed() {
        var evidence = clean()
        evidence.faults.lapses = [FaultLog.Lapse(pid: 1, from: 1005, lapsed: 1009)]
        #expect(isStale(evidence))
        // Settled in time, claimed under the next lease, or another process' lease.
        for lapse in [(1, 1005, 1010), (1, 990, 1009), (2, 1005, 1009)] {
            evidence.faults.lapses = [FaultLog.Lapse(pid: Int32(lapse.0), from: lapse.1, lapsed: lapse.2)]
            #expect(!isStale(evidence))
        }
    }

    @Test func aStepKeptAfterALaterAttemptDidItAgain() {
        var evidence = clean(.stepped)
        evidence.endings["a"] = Evidence.Ending(
            state: .succeeded, attempt: 2, pid: 2, startedAt: 1000, finishedAt: 1010,
            result: ChaosResult(by: "2:2", steps: ["1:1"]))
        evidence.ledger = [
            entry(.start, at: 1), entry(.step, at: 2, step: 1), entry(.start, at: 3, attempt: 2, pid: 2),
            entry(.end, at: 5, attempt: 2, pid: 2),
        ]
        #expect(!isStale(evidence))
        evidence.ledger.insert(entry(.step, at: 4, attempt: 2, step: 1, pid: 2), at: 3)
        #expect(isStale(evidence))
    }

    @Test func aStepThatNobodyDid() {
        var evidence = clean(.stepped)
        evidence.endings["a"]?.result?.steps = ["1:1"]
        #expect(isStale(evidence))
    }

    @Test func aJobThatRanAgainAfterAKillIsAFigureAndNoFinding() throws {
        var evidence = clean()
        evidence.endings["a"] = Evidence.Ending(
            state: .succeeded, attempt: 2, pid: 2, startedAt: 1000, finishedAt: 1010,
            result: ChaosResult(by: "2:2", steps: []))
        evidence.ledger = [
            entry(.start, at: 1_000_000_000), entry(.start, at: 4_000_000_000, attempt: 2, pid: 2),
            entry(.end, at: 5_000_000_000, attempt: 2, pid: 2),
        ]
        evidence.faults.hits = [FaultLog.Hit(kind: .kill, pid: 1, during: 2_000_000_000...2_000_000_001)]
        let audit = Audit(evidence)
        #expect(audit.findings.isEmpty)
        let figures = audit.figures(command: "")
        let p50 = try #require(figures.first { $0.name == "recovery_kill_p50_s" })
        #expect(p50.value == 2)
        #expect(!p50.isGood, "wanted is less than 1.5 s")
        let p99 = try #require(figures.first { $0.name == "recovery_kill_p99_s" })
        #expect(p99.value == 2)
        #expect(p99.isGood, "wanted is less than 2.5 s")
    }

    @Test func aKindThatInterruptedNothingIsNotMeasuredAndMissesNothing() {
        var evidence = clean()
        evidence.faults.hits = [FaultLog.Hit(kind: .slow, pid: 2, during: 1...2)]
        let figures = Audit(evidence).figures(command: "").filter { $0.name.hasPrefix("recovery_") }
        #expect(figures.map(\.name) == ["recovery_slow_p50_s", "recovery_slow_p99_s"])
        #expect(figures.allSatisfy { $0.value == nil })
        #expect(figures.allSatisfy { $0.isGood })
    }

    @Test func aKillThatInterruptedNothingIsMissed() {
        var evidence = clean()
        evidence.faults.hits = [FaultLog.Hit(kind: .kill, pid: 2, during: 1...2)]
        let figures = Audit(evidence).figures(command: "").filter { $0.name.hasPrefix("recovery_") }
        #expect(figures.map(\.name) == ["recovery_kill_p50_s", "recovery_kill_p99_s"])
        #expect(figures.allSatisfy { !$0.isGood })
    }

    @Test func aLedgerLineIsReadAsItWasWritten() throws {
        #expect(
            Ledger.Entry("12 step default.x 3 2 99")
                == .init(at: 12, event: .step, id: "default.x", attempt: 3, step: 2, pid: 99))
        #expect(Ledger.Entry("12 step default.x 3 2") == nil)
    }
}
