import Foundation
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct EnqueueTests {
    @Test func aRepeatedCallStoresNothingTwice() async throws {
        let queue = try await makeQueue()
        let jobs = [try job("a"), try job("b", options: JobOptions(start: .after(.seconds(5))))]
        #expect(try await queue.enqueue(jobs, now: start) == [.stored(.of("a")), .stored(.of("b"))])
        #expect(try await queue.enqueue(jobs, now: start + 1) == [.existing(.of("a")), .existing(.of("b"))])
        let stats = try await queue.stats(now: start).queue
        #expect(stats.queued == 1)
        #expect(stats.scheduled == 1)
        #expect(stats.totals.enqueued == 2)
        try await expectInvariants(queue)
    }

    @Test func theSameIdTwiceInOneCallIsOneJob() async throws {
        let queue = try await makeQueue()
        #expect(
            try await queue.enqueue([try job("a"), try job("a")], now: start) == [
                .stored(.of("a")), .existing(.of("a")),
            ])
        try await queue.join("w", now: start)
        #expect(try await queue.take(5, by: "w", now: start).count == 1)
        try await expectInvariants(queue)
    }

    @Test func aKeyStandsForItsJobUntilThatHasEnded() async throws {
        let queue = try await makeQueue()
        func add(_ part: String, at now: Int) async throws -> Enqueued? {
            try await queue.enqueue([try job(part, options: JobOptions(key: IdempotencyKey("import 7")))], now: now)
                .first
        }
        #expect(try await add("a", at: start) == .stored(.of("a")))
        #expect(try await add("b", at: start) == .existing(.of("a")))
        try await queue.join("w", now: start)
        let claims = try await queue.take(by: "w", now: start)
        #expect(try await add("b", at: start) == .existing(.of("a")))
        _ = try await queue.settle(claims.map { Settled($0, .failed(failure, delay: .zero)) }, by: "w", now: start)
        #expect(try await add("b", at: start) == .existing(.of("a")))
        _ = try await queue.settle(
            try await queue.take(by: "w", now: start).map { Settled($0, .success) }, by: "w", now: start)
        #expect(try await add("b", at: start) == .stored(.of("b")))
        try await expectInvariants(queue)
    }

    @Test func twoJobsOfOneCallShareAKey() async throws {
        let queue = try await makeQueue()
        let options = JobOptions(key: IdempotencyKey("k"))
        let jobs = [try job("a", options: options), try job("b", options: options)]
        #expect(try await queue.enqueue(jobs, now: start) == [.stored(.of("a")), .existing(.of("a"))])
        #expect(try await queue.state("b") == .unknown)
        try await expectInvariants(queue)
    }

    @Test(arguments: [JobState.succeeded, .dead, .cancelled, .expired])
    func aKeyMayBeHeldPastTheEnd(state: JobState) async throws {
        let queue = try await makeQueue()
        let key = IdempotencyKey("k", while: [.queued, .running, state])
        let expiry: JobOptions.Start? = state == .expired ? .after(.seconds(1)) : nil
        try await queue.enqueue([try job("a", options: JobOptions(expiry: expiry, key: key))], now: start)
        try await queue.join("w", now: start)
        switch state {
        case .cancelled: try await queue.cancel(.of("a"), now: start)
        case .expired: #expect(try await queue.take(by: "w", now: start + 1000).isEmpty)
        default:
            let claims = try await queue.take(by: "w", now: start)
            let outcome: Outcome = state == .dead ? .dead(failure) : .success
            _ = try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start)
        }
        #expect(try await queue.state("a") == state)
        #expect(
            try await queue.enqueue([try job("b", options: JobOptions(key: key))], now: start) == [.existing(.of("a"))])
        let left = try await queue.command("PTTL", "key:k").int ?? 0
        #expect(left > 86_300_000, "a day at least, as long as its record")
        try await expectInvariants(queue)
        try await queue.command("DEL", "key:k")
        #expect(
            try await queue.enqueue([try job("b", options: JobOptions(key: key))], now: start) == [.stored(.of("b"))])
    }

    /// No worker has looked since: the API must not answer with a job that will never run.
    @Test func aJobWhoseTimeIsUpHoldsItsKeyNoLonger() async throws {
        let queue = try await makeQueue()
        let key = IdempotencyKey("k")
        let brief = JobOptions(expiry: .after(.milliseconds(10)), key: key)
        let jobs = [try job("a", options: brief), try job("b", options: JobOptions(key: key))]
        #expect(try await queue.enqueue(jobs, now: start) == [.stored(.of("a")), .existing(.of("a"))])
        #expect(try await queue.enqueue([jobs[1]], now: start + 9) == [.existing(.of("a"))])
        #expect(try await queue.enqueue([jobs[1]], now: start + 10) == [.stored(.of("b"))])
        #expect(try await queue.state("a") == .expired)
        #expect(try await queue.state("b") == .queued)

        try await queue.join("w", now: start + 10)
        #expect(try await queue.take(5, by: "w", now: start + 10).map(\.id) == [.of("b")])
        #expect(try await queue.verify().isEmpty)
    }

    @Test func aJobThatHasExpiredWhenItIsAddedIsInItsListOnce() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", now: start)
        try await queue.enqueue([try job("a")], now: start)
        _ = try await queue.cancel(.of("a"), now: start)
        // It is forgotten while its tombstone is still in the list.
        _ = try await queue.take(0, by: "w", retention: Retention(age: .zero), now: start)
        #expect(try await queue.state("a") == .unknown)
        try await queue.enqueue([try job("b")], now: start)

        let key = IdempotencyKey("k")
        let late = JobOptions(expiry: .after(.zero), key: key)
        try await queue.enqueue([try job("a", options: late), try job("c", options: JobOptions(key: key))], now: start)
        #expect(try await queue.state("a") == .expired)
        try await queue.retry(.of("a"), now: start)
        #expect(try await queue.take(5, by: "w", now: start).map(\.id) == [.of("a"), .of("b"), .of("c")])
        #expect(try await queue.verify().isEmpty)
    }

    @Test func aKeyIsFreeAgainAfterItsPeriod() async throws {
        let queue = try await makeQueue()
        let options = JobOptions(key: IdempotencyKey("k", period: .seconds(100)))
        try await queue.enqueue([try job("a", options: options)], now: start)
        let left = try await queue.command("PTTL", "key:k").int ?? 0
        #expect((90_000...100_000).contains(left))
        #expect(try await queue.enqueue([try job("b", options: options)], now: start) == [.existing(.of("a"))])
        try await queue.command("PEXPIRE", "key:k", "0")
        #expect(try await queue.enqueue([try job("b", options: options)], now: start) == [.stored(.of("b"))])
        try await queue.cancel(.of("a"), now: start)
        #expect(try await queue.command("GET", "key:k").string == "ph:{default}:job:b", "a must not give away b's key")
        try await expectInvariants(queue)
    }

    @Test func aForgottenJobHoldsNoKeyWhenItsIdIsUsedAgain() async throws {
        let queue = try await makeQueue()
        let key = IdempotencyKey("k", while: [.succeeded])
        try await queue.enqueue([try job("a", options: JobOptions(key: key))], now: start)
        try await queue.join("w", now: start)
        _ = try await queue.settle(
            try await queue.take(by: "w", now: start).map { Settled($0, .success) }, by: "w", now: start)
        _ = try await queue.take(0, by: "w", retention: Retention(bytes: 0), now: start)
        #expect(try await queue.state("a") == .unknown)
        try await queue.enqueue([try job("a")], now: start)
        #expect(
            try await queue.enqueue([try job("b", options: JobOptions(key: key))], now: start) == [.stored(.of("b"))])
        try await expectInvariants(queue)
    }

    @Test func aDelayCountsFromTheClockOfRedisAndADateIsKept() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(
            [
                try job("delay", options: JobOptions(start: .after(.milliseconds(1500)))),
                try job("date", options: JobOptions(start: .at(Date(milliseconds: start + 900)))),
                try job("past", options: JobOptions(start: .at(Date(milliseconds: start)))),
            ], now: start)
        #expect(try await queue.status(.of("delay"), now: start).runAt == start + 1500)
        #expect(try await queue.status(.of("date"), now: start).runAt == start + 900)
        #expect(try await queue.state("past") == .queued)
        try await queue.join("w", now: start)
        #expect(try await queue.take(5, by: "w", now: start + 899).map(\.id) == [.of("past")])
        #expect(try await queue.take(5, by: "w", now: start + 900).map(\.id) == [.of("date")])
        #expect(try await queue.take(5, by: "w", now: start + 1500).map(\.id) == [.of("delay")])
        try await expectInvariants(queue)
    }

    @Test func theBellRingsForTheFirstJobAndForADueTime() async throws {
        let queue = try await makeQueue()
        func rung() async throws -> Bool { try await queue.command("ZPOPMIN", "bell").array?.isEmpty == false }
        try await queue.enqueue([try job("a")], now: start)
        #expect(try await rung())
        try await queue.enqueue([try job("b")], now: start)
        #expect(try await !rung(), "somebody was woken for that list already")
        try await queue.enqueue([try job("c", options: JobOptions(start: .after(.seconds(1))))], now: start)
        #expect(try await rung(), "who sleeps must hear of the new due time")
        try await queue.enqueue([try job("d", options: JobOptions(expiry: .after(.seconds(1))))], now: start)
        #expect(try await rung())
    }

    @Test func moreThanAThousandGoInSteps() async throws {
        let queue = try await makeQueue()
        let jobs = try (0..<2500).map { try job("j\($0)") }
        let stored = try await queue.enqueue(jobs + [jobs[7]], now: start)
        #expect(stored.count == 2501)
        #expect(stored.last == .existing(.of("j7")))
        #expect(try await queue.stats(now: start).queue.queued == 2500)
        try await expectInvariants(queue)
    }

    @Test(arguments: [
        "{", "3", #"{"due":"soon"}"#, #"{"key":7}"#, #"{"keyPeriod":-1}"#, #"{"delay":1e99}"#, #"{"due":NaN}"#,
        #"{"expiresAt":"x"}"#, #"{"ttl":-1}"#,
    ])
    func rulesThatCannotBeReadStoreNothingOfTheCall(rules: String) async throws {
        let queue = try await makeQueue()
        await #expect(throws: QueueError.self) {
            _ = try await queue.run(.enqueueWithRules, arguments: 6, now: start) { command in
                for (id, rules) in [("ph:{default}:job:a", ""), ("ph:{default}:job:b", rules)] {
                    command.append(id)
                    command.append("1 2 test.noop 1 \n{}")
                    command.append(rules)
                }
            }
        }
        #expect(try await queue.state("a") == .unknown, "it would be known and stand nowhere")
        try await expectInvariants(queue)
        #expect(try await queue.enqueue([try job("a")], now: start) == [.stored(.of("a"))])
    }
}
