import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct LargeBodyTests {
    /// Redis serves nobody else while it copies bodies: of large ones a call moves a few.
    @Test func largeBodiesGoAFewAtATime() async throws {
        let queue = try await makeQueue()
        let large = "[\"" + String(repeating: "x", count: 1_000_000) + "\"]"
        try await queue.join("w", lease: .seconds(5), now: start)
        let later = JobOptions(start: .after(.seconds(1)))
        let jobs = try (0..<20).map { try job("j\($0)", options: later, arguments: large) }
        try await queue.enqueue(jobs, now: start)
        // Due, in two calls; then handed out, in three.
        var taken: [Claim] = []
        var calls = 0
        while taken.count < 20, calls < 9 {
            taken += try await queue.take(20, by: "w", now: start + 2000)
            calls += 1
        }
        #expect(taken.count == 20)
        #expect((3...4).contains(calls))
        // Rescued: its worker has died.
        try await queue.join("w2", lease: .seconds(100), now: start + 10_000)
        _ = try await queue.take(0, by: "w2", now: start + 10_000)
        let once = try await queue.stats(now: start).queue.queued
        #expect((8...10).contains(once))
        _ = try await queue.take(0, by: "w2", now: start + 10_000)
        _ = try await queue.take(0, by: "w2", now: start + 10_000)
        #expect(try await queue.stats(now: start).queue.queued == 20)
        // Given back, and looked at.
        taken = []
        while taken.count < 20, calls < 20 {
            taken += try await queue.take(20, by: "w2", now: start + 10_000)
            calls += 1
        }
        let ids = taken.map(\.id)
        #expect(try await queue.status(ids, now: start).map(\.id) == ids)
        #expect(try await queue.leave("w2", now: start + 10_000) == 20)
        #expect(try await queue.stats(now: start).queue.queued == 20)
        // Dead, and retried.
        try await queue.join("w3", lease: .seconds(100), now: start + 10_000)
        var dead = 0
        while dead < 20, calls < 40 {
            let claims = try await queue.take(20, by: "w3", now: start + 10_000)
            _ = try await queue.settle(claims.map { Settled($0, .dead(failure)) }, by: "w3", now: start + 10_000)
            dead += claims.count
            calls += 1
        }
        #expect(try await queue.retryDead(now: start + 10_000) == 20)
        #expect(try await queue.stats(now: start).queue.queued == 20)
        try await expectInvariants(queue)
    }
}
