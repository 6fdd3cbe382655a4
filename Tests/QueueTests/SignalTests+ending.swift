import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// How waits end without a signal.
extension SignalTests {
    @Test func atItsTimeoutTheJobIsReadyAndItsWaitIsOver() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        #expect(try await queue.reserve(upTo: 1, by: "w", now: start + 400).quietFor == .milliseconds(600))
        #expect(try await !isOver(queue))
        #expect(try await queue.take(by: "w", now: start + 1000).map(\.attempt) == [2])
        #expect(try await isOver(queue))
        try await expectNoWait(queue)
    }

    @Test func theDeadlineIsThatOfTheFirstWait() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        try await queue.retry(.of("a"), now: start + 600)
        // This attempt crashes.
        try await queue.join("dies", lease: .milliseconds(100), now: start + 600)
        #expect(try await queue.take(by: "dies", now: start + 600).count == 1)
        try await run(queue, try wait(), at: 800)
        #expect(try await queue.status(.of("a")).runAt == start + 1000)
        try await queue.retry(.of("a"), now: start + 900)
        try await run(queue, try wait(), at: 1000)
        #expect(try await queue.state("a") == .queued, "the wait has ended meanwhile")
        #expect(try await isOver(queue))
        try await expectNoWait(queue)
    }

    @Test func twoWaitsHaveTheirOwnDeadlines() async throws {
        let queue = try await added()
        try await run(queue, try wait("one"))
        try await queue.signal("one", now: start)
        try await run(queue, try wait("two", timeout: 300), at: 100)
        #expect(try await queue.status(.of("a")).runAt == start + 400)
        #expect(try await queue.take(by: "w", now: start + 400).count == 1)
        #expect(try await isOver(queue, "two"))
        #expect(try await !isOver(queue, "one"))
        try await expectNoWait(queue, "two")
    }

    @Test func aJobThatDiedAtItsTimeoutWaitsAnewWhenItIsRetried() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        try await run(queue, .dead(failure), at: 1000)
        try await queue.retry(.of("a"), now: start + 2000)
        #expect(try await !isOver(queue))
        try await run(queue, try wait(), at: 2000)
        #expect(try await queue.status(.of("a")).runAt == start + 3000)
        try await expectInvariants(queue)
    }

    @Test func aWaitingJobIsCancelledAtOnce() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        #expect(try await queue.cancel(.of("a"), now: start) == .scheduled)
        #expect(try await queue.state("a") == .cancelled)
        #expect(try await queue.signal("go", now: start) == 0)
        try await expectNoWait(queue)
    }

    @Test func aJobWhoseCancellationIsWantedDoesNotWait() async throws {
        let queue = try await added()
        let claim = try #require(try await queue.take(by: "w", now: start).first)
        try await queue.cancel(.of("a"), now: start)
        _ = try await queue.settle([Settled(claim, try wait())], by: "w", now: start)
        #expect(try await queue.state("a") == .cancelled)
        try await expectNoWait(queue)
    }

    @Test func aWaitingJobDoesNotExpire() async throws {
        let queue = try await added(options: JobOptions(expiry: .after(.milliseconds(500))))
        try await run(queue, try wait())
        #expect(try await queue.status(.of("a")).expiresAt == nil)
        #expect(try await queue.take(by: "w", now: start + 999).isEmpty)
        #expect(try await queue.state("a") == .scheduled)
        #expect(try await queue.take(by: "w", now: start + 1000).count == 1)
        try await expectNoWait(queue)
    }

    @Test func aRetryByHandEndsTheWaitInItsPlace() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        try await queue.retry(.of("a"), now: start)
        #expect(try await queue.state("a") == .queued)
        try await expectNoWait(queue)
    }

    @Test func successForgetsWaitsAndKeptSignals() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        try await queue.signal("other", job: .of("a"), now: start)
        try await run(queue, .succeeded(result: .null, dropsSteps: true), at: 1000)
        let fields = try await queue.command("HKEYS", "job:a").array?.compactMap(\.string)
        #expect(Set(fields ?? []) == ["b", "a", "r"])
        try await expectNoWait(queue)
    }

    @Test func aWaitingJobHoldsNoPlaceOfALimit() async throws {
        let queue = try await queue()
        try await queue.setLimit("k", to: Limit(atOnce: 1), now: start)
        try await queue.enqueue(
            try ["a", "b"].map { try job($0, options: JobOptions(limits: [LimitUse("k")])) }, now: start)
        try await run(queue, try wait())
        #expect(try await queue.take(2, by: "w", now: start).map(\.id) == [.of("b")])
        try await queue.signal("go", now: start)
        #expect(try await queue.take(2, by: "w", now: start).isEmpty, "it waits for its place again")
        #expect(try await queue.status(.of("a")).waitsFor == "k")
        try await expectNoWait(queue)
    }

    @Test func aWaitingJobSurvivesItsWorker() async throws {
        let queue = try await added()
        try await queue.join("dies", lease: .seconds(1), now: start)
        try await run(queue, try wait(timeout: 9000), by: "dies")
        #expect(try await queue.take(by: "w", now: start + 5000).isEmpty)
        #expect(try await queue.signal("go", now: start + 5000) == 1)
        #expect(try await queue.take(by: "w", now: start + 5000).map(\.crashes) == [0])
        try await expectNoWait(queue)
    }

    @Test(arguments: [true, false]) func aWaitingJobWhoseRecordIsGoneDies(isSignalled: Bool) async throws {
        let queue = try await added()
        try await run(queue, try wait())
        try await queue.command("SET", "job:a", "x")
        if isSignalled { try await queue.signal("go", now: start) }
        #expect(try await queue.take(by: "w", now: start + 1000).isEmpty)
        #expect(try await queue.status(.of("a")).error?.type == "damaged")
        for key in ["awaiting", "awaited", "waiters:go"] {
            #expect(try await queue.command("EXISTS", key).int == 0, "\(key)")
        }
    }
}
