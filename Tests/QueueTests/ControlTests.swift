import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// Cancelling, reviving and purging.
@Suite(.redis) struct ControlTests {
    /// Brings a job into a state.
    private func job(in state: JobState, _ queue: Queue) async throws {
        let later: JobOptions.Start? = state == .scheduled ? .after(.seconds(60)) : nil
        let expiry: JobOptions.Start? = state == .expired ? .after(.milliseconds(1)) : nil
        try await queue.join("w", lease: .seconds(100), now: start)
        guard state != .unknown else { return }
        try await queue.enqueue(
            [try QueueTests.job("a", options: JobOptions(start: later, expiry: expiry))], now: start)
        switch state {
        case .scheduled, .queued, .unknown: return
        case .cancelled: try await queue.cancel(.of("a"), now: start)
        case .expired: _ = try await queue.take(by: "w", now: start + 1)
        case .running, .retrying, .succeeded, .dead:
            let claims = try await queue.take(by: "w", now: start)
            let outcome: Outcome =
                state == .dead ? .dead(failure) : state == .succeeded ? .success : .failed(failure, delay: .seconds(60))
            if state != .running {
                _ = try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start)
            }
        }
    }

    @Test(arguments: JobState.allCases) func cancelling(state: JobState) async throws {
        let queue = try await makeQueue()
        try await job(in: state, queue)
        #expect(try await queue.state("a") == state)
        #expect(try await queue.cancel(.of("a"), now: start + 1) == state)
        let after: JobState =
            switch state {
            case .scheduled, .queued, .retrying: .cancelled
            default: state
            }
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.state == after)
        #expect(record.cancelRequested == (state == .running))
        if after == .cancelled && state != .cancelled {
            #expect(record.error?.type == "cancelled")
            #expect(record.finishedAt == start + 1)
        }
        #expect(try await queue.cancel(.of("a"), now: start + 2) == after)
        try await expectInvariants(queue)
    }

    @Test func cancellingOneThatNobodyClaimed() async throws {
        let queue = try await makeQueue()
        try await job(in: .running, queue)
        let claims = try await queue.resync(by: "w", number: 1, now: start)
        _ = try await queue.settle(claims.map { Settled($0, .unclaimed(delay: .seconds(5))) }, by: "w", now: start)
        #expect(try await queue.cancel(.of("a"), now: start) == .queued)
        #expect(try await queue.state("a") == .cancelled)
        try await expectInvariants(queue)
    }

    @Test(arguments: JobState.allCases) func reviving(state: JobState) async throws {
        let queue = try await makeQueue()
        try await job(in: state, queue)
        switch state {
        case .running, .queued, .succeeded, .unknown:
            await #expect(throws: QueueError.self) { try await queue.retry(.of("a"), now: start + 2) }
            #expect(try await queue.state("a") == state)
        default:
            try await queue.command("DEL", "bell")
            try await queue.retry(.of("a"), now: start + 2)
            #expect(try await queue.command("ZCARD", "bell").int == 1)
            let record = try await queue.status(.of("a"), now: start)
            #expect(record.state == .queued)
            #expect(record.finishedAt == nil)
            #expect(record.result == nil)
            // A waiting job that runs at once keeps its counts; one that had ended keeps only its attempts.
            #expect(record.failures == (state == .retrying ? 1 : 0))
            #expect(record.crashes == 0)
            let claim = try #require(try await queue.take(by: "w", now: start + 3).first)
            #expect(claim.attempt == (state == .dead || state == .retrying ? 2 : 1))
            #expect(try await queue.settle([Settled(claim, .success)], by: "w", now: start + 4).isEmpty)
        }
        try await expectInvariants(queue)
    }

    @Test func aRevivedJobTakesItsOldPlaceIfThatIsStillThere() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try QueueTests.job("a"), try QueueTests.job("b")], now: start)
        try await queue.cancel(.of("a"), now: start)
        try await queue.retry(.of("a"), now: start)
        try await queue.join("w", now: start)
        #expect(try await queue.take(5, by: "w", now: start).map(\.id) == [.of("a"), .of("b")])
        try await expectInvariants(queue)
    }

    @Test func cancelledAgainAndAgainItIsStillOneJob() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try QueueTests.job("a")], now: start)
        try await queue.join("w", now: start)
        for _ in 0..<3 {
            #expect(try await queue.cancel(.of("a"), now: start) == .queued)
            try await expectInvariants(queue)
            try await queue.retry(.of("a"), now: start)
        }
        #expect(try await queue.take(5, by: "w", now: start).count == 1)
        #expect(try await queue.stats(now: start).queue.totals.cancelled == 3)
        try await expectInvariants(queue)
    }

    @Test func anIdIsUsedAgainWhileItsTombstoneIsStillInTheList() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", now: start)
        try await queue.enqueue([try QueueTests.job("a"), try QueueTests.job("b")], now: start)
        try await queue.cancel(.of("a"), now: start)
        _ = try await queue.take(0, by: "w", retention: Retention(bytes: 0), now: start)
        #expect(try await queue.state("a") == .unknown)
        try await queue.enqueue([try QueueTests.job("a")], now: start)
        try await queue.enqueue([try QueueTests.job("c")], now: start)
        #expect(try await queue.list(.queued).ids == [.of("b"), .of("a"), .of("c")])
        try await expectInvariants(queue)
        try await queue.cancel(.of("a"), now: start)
        try await expectInvariants(queue)
        #expect(try await queue.take(9, by: "w", now: start).map(\.id) == [.of("b"), .of("c")], "a was called off")
        try await expectInvariants(queue)
    }

    @Test func aRevivedJobHoldsItsKeyAgain() async throws {
        let queue = try await makeQueue()
        let options = JobOptions(key: IdempotencyKey("k", while: [.queued, .cancelled], period: .seconds(100)))
        try await queue.enqueue([try QueueTests.job("a", options: options)], now: start)
        try await queue.cancel(.of("a"), now: start)
        try await queue.retry(.of("a"), now: start)
        #expect(try await queue.command("HGET", "keyed", "ph:{default}:job:a").string == "k")
        #expect((90_000...100_000).contains(try await queue.command("PTTL", "key:k").int ?? 0))
        #expect(
            try await queue.enqueue([try QueueTests.job("b", options: options)], now: start) == [.existing(.of("a"))])
        try await expectInvariants(queue)
    }

    @Test func aRevivedJobTakesNoKeyFromALivingOne() async throws {
        let queue = try await makeQueue()
        let options = JobOptions(key: IdempotencyKey("k"))
        try await queue.enqueue([try QueueTests.job("a", options: options)], now: start)
        try await queue.cancel(.of("a"), now: start)
        try await queue.enqueue([try QueueTests.job("b", options: options)], now: start)
        try await queue.retry(.of("a"), now: start)
        #expect(
            try await queue.enqueue([try QueueTests.job("c", options: options)], now: start) == [.existing(.of("b"))])
        try await queue.cancel(.of("a"), now: start)
        #expect(
            try await queue.enqueue([try QueueTests.job("c", options: options)], now: start) == [.existing(.of("b"))])
        try await expectInvariants(queue)
    }

    @Test func aJobRevivedAfterItsExpiryIsNotGivenUpAgain() async throws {
        let queue = try await makeQueue()
        try await job(in: .expired, queue)
        try await queue.retry(.of("a"), now: start + 10)
        let claims = try await queue.take(by: "w", now: start + 20)
        _ = try await queue.settle(claims.map { Settled($0, .released) }, by: "w", now: start + 20)
        #expect(try await queue.take(by: "w", now: start + 30).count == 1, "a deploy must not lose it")
        try await expectInvariants(queue)
    }

    @Test func allDeadJobsComeBackOldestFirst() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(try (0..<1100).map { try QueueTests.job("j\($0)") }, now: start)
        try await queue.join("w", now: start)
        for (size, now) in [(1000, start + 1), (100, start)] {
            let claims = try await queue.take(size, by: "w", now: start)
            _ = try await queue.settle(claims.map { Settled($0, .dead(failure)) }, by: "w", now: now)
        }
        #expect(try await queue.retryDead(now: start + 2) == 1100)
        #expect(try await queue.retryDead(now: start + 2) == 0)
        let first = try await queue.take(100, by: "w", now: start + 2).map(\.id)
        #expect(Set(first) == Set((1000..<1100).map { JobID.of("j\($0)") }))
        try await expectInvariants(queue)
    }

    @Test func purging() async throws {
        let queue = try await makeQueue()
        try await job(in: .dead, queue)
        try await queue.enqueue([try QueueTests.job("b")], now: start)
        #expect(try await !queue.purge(.of("b")), "it is not dead")
        #expect(try await queue.purge(.of("a")))
        #expect(try await !queue.purge(.of("a")))
        #expect(try await queue.state("a") == .unknown)
        #expect(try await queue.stats(now: start).queue.totals.dead == 1)
        try await expectInvariants(queue)
    }

    @Test func purgingAll() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(try (0..<1100).map { try QueueTests.job("j\($0)") }, now: start)
        try await queue.join("w", now: start)
        for _ in 0..<2 {
            let claims = try await queue.take(1000, by: "w", now: start)
            _ = try await queue.settle(claims.map { Settled($0, .dead(failure)) }, by: "w", now: start)
        }
        #expect(try await queue.purgeDead() == 1100)
        #expect(try await queue.stats(now: start).queue.dead == 0)
        try await expectInvariants(queue)
    }
}
