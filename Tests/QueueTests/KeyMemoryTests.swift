import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// An idempotency key with a period lasts that long, whatever happens to the record of its job.
@Suite(.redis) struct KeyMemoryTests {
    private func keyed(_ part: String, period: Duration = .seconds(86_400)) throws -> NewJob {
        let key = IdempotencyKey(
            "order-17", while: Set(JobState.allCases).subtracting([.unknown]), period: period)
        return try job(part, options: JobOptions(key: key), arguments: #"{"order":17}"#)
    }

    /// Runs job `a`, lets it end, and forgets all that has ended.
    private func forgotten(_ outcome: Outcome, period: Duration = .seconds(86_400)) async throws -> Queue {
        let queue = try await makeQueue()
        try await queue.enqueue([try keyed("a", period: period)], now: start)
        try await queue.join("w", lease: .seconds(60), now: start)
        let claims = try await queue.take(by: "w", now: start)
        _ = try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start)
        _ = try await queue.take(0, by: "w", retention: Retention(bytes: 0, deadBytes: 0), now: start + 1)
        return queue
    }

    @Test(arguments: [Outcome.success, .dead(failure), .cancelled(failure)])
    func aRepeatedRequestIsAnsweredWithTheForgottenJob(outcome: Outcome) async throws {
        let queue = try await forgotten(outcome)
        let record = try await queue.status(.of("a"), now: start + 1)
        #expect(record.state.hasEnded)
        #expect(record.body?.arguments == [])
        #expect(record.result == nil)
        #expect(try await queue.enqueue([try keyed("b")], now: start + 2) == [.existing(.of("a"))])
        #expect(try await queue.state("b") == .unknown)
        try await expectInvariants(queue)
    }

    @Test func withItsKeyTheLastOfTheJobGoesToo() async throws {
        let queue = try await forgotten(.success, period: .milliseconds(300))
        try await Scratch.wait("the key to end") { try await queue.command("EXISTS", "job:a").int == 0 }
        try await queue.command("HDEL", "meta", "quietUntil")  // as when something is due
        _ = try await queue.take(0, by: "w", now: start + 1000)
        #expect(try await queue.command("EXISTS", "remembered").int == 0)
        #expect(try await queue.enqueue([try keyed("b")], now: start + 1000) == [.stored(.of("b"))])
        try await expectInvariants(queue)
    }

    @Test func aForgottenJobCannotRunAgain() async throws {
        let queue = try await forgotten(.dead(failure))
        await #expect(throws: QueueError.self) { try await queue.retry(.of("a"), now: start + 2) }
        #expect(try await queue.state("a") == .dead)
        try await expectInvariants(queue)
    }

    @Test func moreKeysThanAllowedAreRefusedAndNothingIsStored() async throws {
        let queue = try await forgotten(.success)
        try await queue.command("HSET", "meta", QueueSetting.maxKeys.rawValue, "1")
        let other = IdempotencyKey("order-18", while: [.queued], period: .seconds(60))
        await #expect(throws: QueueError.self) {
            try await queue.enqueue([try job("p"), try job("c", options: JobOptions(key: other))], now: start + 2)
        }
        #expect(try await queue.state("p") == .unknown)
        #expect(try await queue.enqueue([try keyed("b")], now: start + 2) == [.existing(.of("a"))], "it is known")
        #expect(try await queue.enqueue([try job("d")], now: start + 2) == [.stored(.of("d"))], "it has no key")
        try await expectInvariants(queue)
    }

    @Test func aKeyWithoutAPeriodIsDeletedWhenItsJobSucceeds() async throws {
        let queue = try await makeQueue()
        let key = IdempotencyKey("order-19")
        try await queue.enqueue([try job("a", options: JobOptions(key: key))], now: start)
        #expect(try await queue.command("EXISTS", "key:order-19").int == 1)
        try await queue.join("w", lease: .seconds(60), now: start)
        let claims = try await queue.take(by: "w", now: start)
        _ = try await queue.settle(claims.map { Settled($0, .success) }, by: "w", now: start)
        #expect(try await queue.command("EXISTS", "key:order-19").int == 0)
        #expect(try await queue.command("EXISTS", "keyed").int == 0)
        try await expectInvariants(queue)
    }

    @Test func aDeadJobThatIsPurgedFreesItsKey() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try keyed("a")], now: start)
        try await queue.join("w", lease: .seconds(60), now: start)
        let claims = try await queue.take(by: "w", now: start)
        _ = try await queue.settle(claims.map { Settled($0, .dead(failure)) }, by: "w", now: start)
        #expect(try await queue.purge(.of("a")))
        #expect(try await queue.enqueue([try keyed("b")], now: start) == [.stored(.of("b"))])
        try await expectInvariants(queue)
    }
}
