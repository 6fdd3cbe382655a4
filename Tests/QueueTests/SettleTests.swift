import Foundation
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct SettleTests {
    /// A queue with one job `a`, claimed by `w` at `start`.
    private func running(_ options: JobOptions = JobOptions()) async throws -> (Queue, Claim) {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a", options: options)], now: start)
        try await queue.join("w", now: start)
        return (queue, try #require(try await queue.take(by: "w", now: start).first))
    }

    @Test func success() async throws {
        let (queue, claim) = try await running()
        _ = try await queue.saveProgress([(claim, .step(name: "one", result: [49]))], by: "w", now: start)
        let outcome = Outcome.succeeded(result: Payload(Array(#"{"pages":3}"#.utf8)), dropsSteps: true)
        #expect(try await queue.settle([Settled(claim, outcome)], by: "w", now: start + 5).isEmpty)
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .succeeded)
        #expect(record.attempt == 1)
        #expect(record.worker == "w")
        #expect(record.result == Payload(Array(#"{"pages":3}"#.utf8)))
        #expect(record.error == nil)
        #expect(record.startedAt == start)
        #expect(record.finishedAt == start + 5)
        #expect(try await queue.steps(of: .of("a")).isEmpty)
        try await expectInvariants(queue)
    }

    @Test func failure() async throws {
        let (queue, claim) = try await running()
        _ = try await queue.settle(
            [Settled(claim, .failed(QueueTests.failure, delay: .seconds(2)))], by: "w", now: start + 5)
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .retrying)
        #expect(record.runAt == start + 2005)
        #expect(record.failures == 1)
        #expect(record.attempt == 1)
        #expect(record.error == QueueTests.failure)
        #expect(record.errors.map(\.attempt) == [1])
        #expect(try await queue.take(by: "w", now: start + 2004).isEmpty)
        let again = try #require(try await queue.take(by: "w", now: start + 2005).first)
        #expect(again.attempt == 2)
        #expect(again.failures == 1)
        #expect(try await queue.stats(now: start).queue.totals.failedAttempts == 1)
        try await expectInvariants(queue)
    }

    @Test func death() async throws {
        let (queue, claim) = try await running()
        _ = try await queue.settle([Settled(claim, .dead(QueueTests.failure))], by: "w", now: start + 5)
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .dead)
        #expect(record.failures == 1)
        #expect(record.error == QueueTests.failure)
        #expect(record.errors.count == 1)
        #expect(record.finishedAt == start + 5)
        let totals = try await queue.stats(now: start).queue.totals
        #expect(totals.dead == 1)
        #expect(totals.failedAttempts == 1)
        try await expectInvariants(queue)
    }

    @Test func putOffWithoutAFailure() async throws {
        let (queue, claim) = try await running()
        _ = try await queue.settle([Settled(claim, .snoozed(delay: .seconds(1)))], by: "w", now: start)
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .retrying)
        #expect(record.failures == 0)
        #expect(record.attempt == 1)
        #expect(record.runAt == start + 1000)
        try await expectInvariants(queue)
    }

    @Test func givenBackToTheHead() async throws {
        let (queue, claim) = try await running()
        try await queue.enqueue([try job("b")], now: start)
        _ = try await queue.settle([Settled(claim, .released)], by: "w", now: start)
        #expect(try await queue.state("a") == .queued)
        let claims = try await queue.take(2, by: "w", now: start)
        #expect(claims.map(\.id) == [.of("a"), .of("b")])
        #expect(claims.first?.attempt == 2)
        #expect(claims.first?.failures == 0)
        try await expectInvariants(queue)
    }

    @Test func unclaimedIsOfferedAgainAfterItsDelay() async throws {
        let (queue, claim) = try await running()
        _ = try await queue.settle([Settled(claim, .unclaimed(delay: .seconds(1)))], by: "w", now: start)
        let stats = try await queue.stats(now: start).queue
        #expect(stats.queued == 1)
        #expect(stats.unclaimed == 1)
        #expect(try await queue.status(.of("a"), now: start).runAt == start + 1000)
        #expect(try await queue.take(by: "w", now: start + 1000).count == 1)
        try await expectInvariants(queue)
    }

    @Test func cancelledKeepsItsAttemptForTheNextLife() async throws {
        let (queue, claim) = try await running()
        try await queue.cancel(.of("a"), now: start)
        _ = try await queue.settle([Settled(claim, .cancelled(QueueTests.failure))], by: "w", now: start)
        #expect(try await queue.state("a") == .cancelled)
        try await queue.retry(.of("a"), now: start)
        #expect(try await queue.take(by: "w", now: start).first?.attempt == 2, "the fence never goes back")
        try await expectInvariants(queue)
    }

    @Test(arguments: [
        Outcome.failed(QueueTests.failure, delay: .zero), .snoozed(delay: .zero), .released,
        .unclaimed(delay: .zero),
    ])
    func aWantedCancellationIsNotForgotten(outcome: Outcome) async throws {
        let (queue, claim) = try await running()
        #expect(try await queue.cancel(.of("a"), now: start) == .running)
        _ = try await queue.settle([Settled(claim, outcome)], by: "w", now: start)
        #expect(try await queue.state("a") == .cancelled, "it must not run another time")
        #expect(try await queue.take(by: "w", now: start).isEmpty)
        try await expectInvariants(queue)
    }

    static let all: [Outcome] = [
        .success, .succeeded(result: [49], dropsSteps: true), .failed(QueueTests.failure, delay: .seconds(9)),
        .dead(QueueTests.failure), .snoozed(delay: .seconds(9)), .cancelled(QueueTests.failure), .released,
        .unclaimed(delay: .seconds(9)), .waiting,
    ]

    @Test(arguments: all) func repeatedAfterALostReplyItIsNotRefused(outcome: Outcome) async throws {
        let (queue, claim) = try await running()
        #expect(try await queue.settle([Settled(claim, outcome)], by: "w", now: start).isEmpty)
        let before = try await queue.stats(now: start).queue
        #expect(try await queue.settle([Settled(claim, outcome)], by: "w", now: start + 1).isEmpty)
        #expect(try await queue.stats(now: start).queue == before)
        try await expectInvariants(queue)
    }

    @Test(arguments: all) func aStaleWorkerWritesNothing(outcome: Outcome) async throws {
        let (queue, old) = try await running()
        try await queue.join("w2", now: start + 4000)
        _ = try await queue.take(by: "w2", now: start + 6000)
        #expect(try await queue.settle([Settled(old, outcome)], by: "w", now: start + 6001) == [.of("a")])
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .running)
        #expect(record.worker == "w2")
        #expect(record.attempt == 2)
        #expect(record.crashes == 1)
        #expect(
            try await queue.saveProgress([(old, .progress(Array("{}".utf8)))], by: "w", now: start + 6001) == [.of("a")]
        )
        #expect(try await queue.status(.of("a"), now: start).progress == nil)
        try await expectInvariants(queue)
    }

    @Test(arguments: all) func aLapsedLeaseWritesNothing(outcome: Outcome) async throws {
        let (queue, claim) = try await running()
        #expect(try await queue.settle([Settled(claim, outcome)], by: "w", now: start + 5000) == [.of("a")])
        #expect(try await queue.saveProgress([(claim, .progress([49]))], by: "w", now: start + 5000) == [.of("a")])
        #expect(try await queue.status(.of("a"), now: start).progress == nil)
        #expect(try await queue.state("a") == .running)
        try await expectInvariants(queue)
    }

    @Test(arguments: all) func anEarlierClaimOfTheSameWorkerWritesNothing(outcome: Outcome) async throws {
        let (queue, old) = try await running()
        _ = try await queue.settle([Settled(old, .released)], by: "w", now: start)
        let new = try #require(try await queue.take(by: "w", now: start).first)
        _ = try await queue.settle([Settled(old, outcome)], by: "w", now: start)
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .running)
        #expect(record.attempt == 2)
        #expect(try await queue.settle([Settled(new, .success)], by: "w", now: start).isEmpty)
        #expect(try await queue.state("a") == .succeeded)
        try await expectInvariants(queue)
    }

    @Test func someoneElsesClaimIsRefused() async throws {
        let (queue, claim) = try await running()
        try await queue.join("w2", now: start)
        #expect(try await queue.settle([Settled(claim, .success)], by: "w2", now: start) == [.of("a")])
        #expect(try await queue.saveProgress([(claim, .progress([49]))], by: "w2", now: start) == [.of("a")])
        #expect(try await queue.state("a") == .running)
        try await expectInvariants(queue)
    }

    @Test func aMixedBatchIsWrittenAsOne() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(try (0..<8).map { try job("j\($0)") }, now: start)
        try await queue.join("w", now: start)
        let claims = try await queue.take(8, by: "w", now: start)
        let outcomes = zip(claims, Self.all).map { Settled($0, $1) }
        #expect(try await queue.settle(outcomes, by: "w", now: start).isEmpty)
        let states = try await queue.status(claims.map(\.id), now: start).map(\.state)
        #expect(states == [.succeeded, .succeeded, .retrying, .dead, .retrying, .cancelled, .queued, .queued])
        #expect(try await queue.command("EXISTS", "claims:w").int == 0)
        try await expectInvariants(queue)
    }

    @Test func onlyTheLastErrorsAreKept() async throws {
        let (queue, first) = try await running()
        var claim = first
        for i in 1...12 {
            let error = JobFailure(type: "E", message: "\(i)", retryable: true)
            _ = try await queue.settle([Settled(claim, .failed(error, delay: .zero))], by: "w", now: start + i)
            claim = try #require(try await queue.take(by: "w", now: start + i).first)
        }
        let errors = try await queue.status(.of("a"), now: start).errors
        #expect(errors.map(\.failure.message) == (3...12).reversed().map(String.init))
        for i in 1...12 {
            let error = JobFailure(type: "E", message: String(repeating: "x", count: 1950) + "\(i)", retryable: true)
            _ = try await queue.settle([Settled(claim, .failed(error, delay: .zero))], by: "w", now: start + i)
            claim = try #require(try await queue.take(by: "w", now: start + i).first)
        }
        #expect((try await queue.command("HSTRLEN", "job:a", "e").int ?? 0) < 20_000)
        try await expectInvariants(queue)
    }

    @Test func progressAndSteps() async throws {
        let (queue, claim) = try await running()
        let progress = Array(#"{"done":1,"of":2}"#.utf8)
        #expect(
            try await queue.saveProgress(
                [(claim, .progress(progress)), (claim, .step(name: "parse", result: Payload(Array("[1]".utf8))))],
                by: "w",
                now: start
            ).isEmpty)
        #expect(try await queue.status(.of("a"), now: start).progress == progress)
        #expect(try await queue.steps(of: .of("a")) == ["parse": Payload(Array("[1]".utf8))])
        _ = try await queue.settle([Settled(claim, .failed(QueueTests.failure, delay: .zero))], by: "w", now: start)
        #expect(try await queue.steps(of: .of("a")).count == 1, "the next attempt goes on from here")
        try await expectInvariants(queue)
    }
}
