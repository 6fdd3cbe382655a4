import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct RetentionTests {
    /// Jobs `j0…`, each ended by a call of its own, a millisecond apart.
    private func ended(_ count: Int, as outcome: Outcome = .success, size: Int = 2) async throws -> Queue {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(10_000), now: start)
        for i in 0..<count {
            try await queue.enqueue(
                [try job("j\(i)", arguments: "\"" + String(repeating: "x", count: size) + "\"")], now: start)
            let claims = try await queue.take(by: "w", now: start)
            _ = try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start + i)
        }
        return queue
    }

    private func left(_ queue: Queue, of count: Int) async throws -> [Int] {
        let states = try await queue.status((0..<count).map { .of("j\($0)") }, now: start).map(\.state)
        return states.indices.filter { states[$0] != .unknown }
    }

    @Test(arguments: [Outcome.success, .cancelled(failure), .dead(failure)])
    func byAge(outcome: Outcome) async throws {
        let queue = try await ended(5, as: outcome)
        let retention = Retention(age: .seconds(1), deadAge: .seconds(1))
        _ = try await queue.take(0, by: "w", retention: retention, now: start + 999)
        #expect(try await left(queue, of: 5) == [0, 1, 2, 3, 4])
        _ = try await queue.take(0, by: "w", retention: retention, now: start + 1002)
        #expect(try await left(queue, of: 5) == [3, 4])
        try await expectInvariants(queue)
    }

    @Test(arguments: [Outcome.success, .dead(failure)]) func byBytes(outcome: Outcome) async throws {
        let queue = try await ended(4, as: outcome, size: 1000)
        let kept = try await queue.command("HGET", "meta", outcome == .success ? "doneBytes" : "deadBytes").int ?? 0
        #expect((4000...6000).contains(kept))
        for (limit, wanted) in [(kept, [0, 1, 2, 3]), (kept - 1, [1, 2, 3]), (kept / 2, [2, 3])] {
            _ = try await queue.take(0, by: "w", retention: Retention(bytes: limit, deadBytes: limit), now: start + 10)
            #expect(try await left(queue, of: 4) == wanted)
            try await expectInvariants(queue)
        }
    }

    @Test func aFewEntriesACallAndTheBellForTheRest() async throws {
        let queue = try await ended(120)
        var sizes: [Int] = []
        for _ in 0..<3 {
            try await queue.command("DEL", "bell")
            _ = try await queue.take(0, by: "w", retention: Retention(age: .zero), now: start + 1000)
            sizes.append(try await left(queue, of: 120).count)
            #expect(try await queue.command("ZCARD", "bell").int == (sizes.count < 3 ? 1 : 0))
        }
        #expect(sizes == [70, 20, 0])
        #expect(try await queue.stats(now: start).queue.totals.succeeded == 120, "totals are since ever")
        try await expectInvariants(queue)
    }

    /// A reserve forgets as many as it hands out: whatever becomes of those, the bounds hold.
    @Test func deadJobsKeepToTheirBytesAlsoWhenManyDie() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(1000), now: start)
        let retention = Retention(deadBytes: 20_000)
        for round in 0..<8 {
            try await queue.enqueue(try (0..<200).map { try job("\(round)-\($0)") }, now: start)
            let claims = try await queue.take(200, by: "w", retention: retention, now: start + round)
            #expect(claims.count == 200)
            _ = try await queue.settle(claims.map { Settled($0, .dead(failure)) }, by: "w", now: start + round)
        }
        _ = try await queue.take(200, by: "w", retention: retention, now: start + 10)
        #expect(try await queue.command("HGET", "meta", "deadBytes").int ?? 0 <= 20_000)
        #expect(try await queue.stats(now: start).queue.dead > 0)
        try await expectInvariants(queue)
    }

    @Test func errorsAndKeptStepsCountAsBytes() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(1000), now: start)
        try await queue.enqueue([try job("a")], now: start)
        let claim = try #require(try await queue.take(by: "w", now: start).first)
        let result = Payload([UInt8](repeating: UInt8(ascii: "1"), count: 5000))
        _ = try await queue.saveProgress([(claim, .step(name: "page-1", result: result))], by: "w", now: start)
        _ = try await queue.settle([Settled(claim, .dead(failure))], by: "w", now: start)
        let kept = try await queue.command("HGET", "meta", "deadBytes").int ?? 0
        #expect(kept > 5000 + 2 * failure.message.utf8.count)
        try await expectInvariants(queue)
        try await queue.retry(.of("a"), now: start)
        #expect(try await queue.command("HEXISTS", "meta", "deadBytes").int == 0)
        try await expectInvariants(queue)
    }

    @Test func aRevivedJobOutlivesItsFirstEnd() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(10_000), now: start)
        try await queue.enqueue([try job("a"), try job("b")], now: start)
        for part in ["a", "b"] { try await queue.cancel(.of(part), now: start) }
        try await queue.retry(.of("a"), now: start + 1)
        let claims = try await queue.take(by: "w", now: start + 1)
        _ = try await queue.settle(claims.map { Settled($0, .success) }, by: "w", now: start + 900)
        let retention = Retention(age: .seconds(1))
        _ = try await queue.take(0, by: "w", retention: retention, now: start + 1000)
        #expect(try await queue.state("a") == .succeeded)
        #expect(try await queue.state("b") == .unknown)
        #expect(try await queue.command("EXISTS", "revived").int == 0)
        try await expectInvariants(queue)
        _ = try await queue.take(0, by: "w", retention: retention, now: start + 1900)
        #expect(try await queue.state("a") == .unknown)
        #expect(try await queue.stats(now: start).queue.succeeded == 0)
        try await expectInvariants(queue)
    }

    /// Looking for them in every call would cost more than the jobs.
    @Test func endedJobsAreForgottenAtMost250MillisecondsLate() async throws {
        let queue = try await ended(1)
        try await queue.set(QueueConfig(retention: Retention(age: .zero), maxCrashes: 3))
        _ = try await queue.reserve(upTo: 0, by: "w", now: start + 249)
        #expect(try await left(queue, of: 1) == [0])
        _ = try await queue.reserve(upTo: 0, by: "w", now: start + 250)
        #expect(try await left(queue, of: 1) == [])
    }

    @Test func alsoWhenTheClockWasSetBack() async throws {
        let queue = try await ended(1)
        _ = try await queue.reserve(upTo: 0, by: "w", now: start + 5000)
        try await queue.set(QueueConfig(retention: Retention(age: .zero), maxCrashes: 3))
        _ = try await queue.reserve(upTo: 0, by: "w", now: start + 1)
        #expect(try await left(queue, of: 1) == [])
    }

    @Test func aChangeOfRetentionCountsAtOnce() async throws {
        let queue = try await ended(1)
        _ = try await queue.configure(QueueConfig(retention: Retention(age: .zero), maxCrashes: 3))
        _ = try await queue.reserve(upTo: 0, by: "w", now: start + 1)
        #expect(try await left(queue, of: 1) == [])
    }

    @Test func nothingIsLeftOfAQueueThatHasForgottenAll() async throws {
        let queue = try await ended(3)
        _ = try await queue.take(0, by: "w", retention: Retention(age: .zero), now: start + 10)
        try await queue.leave("w", now: start + 10)
        try await expectInvariants(queue)
        var names: Set<String> = []
        try await queue.scan("SCAN", nil, match: queue.base) { names.formUnion($0) }
        #expect(names == Set(["meta", "totals", "bell"].map { queue.base + $0 }))
    }
}
