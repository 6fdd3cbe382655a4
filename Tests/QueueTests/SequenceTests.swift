import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct SequenceTests {
    private func member(
        _ part: String, _ key: String = "k", afterDead: JobSequence.AfterDead = .halt, start: JobOptions.Start? = nil,
        priority: Priority = .default
    ) throws -> NewJob {
        try job(
            part,
            options: JobOptions(priority: priority, start: start, sequence: JobSequence(key, afterDead: afterDead)))
    }

    private func queue(_ jobs: NewJob...) async throws -> Queue {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(100_000), now: start)
        try await queue.enqueue(jobs, now: start)
        return queue
    }

    private func parts(_ claims: [Claim]) -> [String] {
        claims.map { String($0.id.text.dropFirst("default.".count)) }
    }

    private func settle(_ claims: [Claim], _ outcome: Outcome = .success, in queue: Queue, at ms: Int = 0) async throws
    {
        let refused = try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start + ms)
        #expect(refused.isEmpty)
    }

    private func state(_ part: String, in queue: Queue) async throws -> JobState {
        try await queue.status(.of(part)).state
    }

    @Test func eachJobStartsWhenTheOneBeforeItHasEnded() async throws {
        let queue = try await queue(member("a"), member("b"), member("c", priority: .critical), job("plain"))
        var order: [String] = []
        for _ in 0..<3 {
            let claims = try await queue.take(10, by: "w", now: start)
            order += parts(claims).filter { $0 != "plain" }
            try await expectInvariants(queue)
            try await settle(claims, in: queue)
        }
        #expect(order == ["a", "b", "c"], "whatever their priorities")
        #expect(try await queue.sequences() == [])
        #expect(try await queue.command("HLEN", "heads").int == 0)
    }

    @Test func sequencesDoNotWaitForEachOther() async throws {
        let queue = try await queue(member("a1", "a"), member("a2", "a"), member("b1", "b"), member("b2", "b"))
        #expect(try await parts(queue.take(10, by: "w", now: start)) == ["a1", "b1"])
        #expect(try await queue.stats(now: start).queue.following == 2)
        #expect(try await queue.stats(now: start).queue.sequences == 2)
    }

    @Test func aJobThatWaitsSaysForWhat() async throws {
        let queue = try await queue(member("a"), member("b"))
        let waiting = try await queue.status(.of("b"))
        #expect(waiting.state == .queued)
        #expect(waiting.waitsFor == "sequence:k")
        #expect(waiting.blockedBy == .of("a"))
        #expect(try await queue.list(.queued).ids == [.of("a"), .of("b")])
        #expect(try await queue.status(.of("a")).blockedBy == nil)
    }

    @Test func aJobKeepsItsTurnBetweenItsAttempts() async throws {
        let queue = try await queue(member("a"), member("b"))
        try await settle(
            queue.take(by: "w", now: start), .failed(failure, delay: .milliseconds(500)), in: queue)
        #expect(try await queue.take(10, by: "w", now: start + 499).isEmpty)
        let again = try await queue.take(10, by: "w", now: start + 500)
        #expect(parts(again) == ["a"])
        try await settle(again, .released, in: queue, at: 500)
        let third = try await queue.take(10, by: "w", now: start + 501)
        #expect(parts(third) == ["a"])
        try await settle(third, .waiting, in: queue, at: 501)
        #expect(try await queue.take(10, by: "w", now: start + 502).isEmpty, "it waits for a signal")
        try await expectInvariants(queue)
    }

    @Test func aDeadJobHaltsItsSequenceUntilItIsRetried() async throws {
        let queue = try await queue(member("a"), member("b"))
        try await settle(queue.take(by: "w", now: start), .dead(failure), in: queue)
        #expect(try await queue.take(10, by: "w", now: start + 1).isEmpty)
        #expect(
            try await queue.sequence("k")
                == SequenceStats(key: "k", blocker: .of("a"), isHalted: true, following: 1))
        #expect(try await queue.stats(now: start).queue.halted == 1)
        try await queue.enqueue([try member("c")], now: start)
        try await expectInvariants(queue)
        try await queue.retry(.of("a"), now: start)
        for part in ["a", "b", "c"] {
            let claims = try await queue.take(10, by: "w", now: start + 2)
            #expect(parts(claims) == [part])
            try await settle(claims, in: queue, at: 2)
        }
        try await expectInvariants(queue)
    }

    @Test func aHaltedSequenceGoesOnWhenItIsResumed() async throws {
        let queue = try await queue(member("a"), member("b"))
        #expect(try await queue.resumeSequence("k", now: start) == false, "nothing has halted it")
        #expect(try await queue.resumeSequence("other", now: start) == nil)
        try await settle(queue.take(by: "w", now: start), .dead(failure), in: queue)
        #expect(try await queue.resumeSequence("k", now: start) == true)
        #expect(try await state("a", in: queue) == .dead)
        try await queue.retry(.of("a"), now: start)
        let next = try await queue.take(10, by: "w", now: start + 1)
        #expect(parts(next) == ["b"])
        #expect(try await queue.status(.of("a")).blockedBy == .of("b"), "it waits for its turn again")
        try await settle(next, in: queue, at: 1)
        #expect(try await parts(queue.take(10, by: "w", now: start + 2)) == ["a"])
        try await expectInvariants(queue)
    }

    @Test func purgingTheDeadJobLetsItsSequenceGoOn() async throws {
        let queue = try await queue(member("a"), member("b"))
        try await settle(queue.take(by: "w", now: start), .dead(failure), in: queue)
        #expect(try await queue.purge(.of("a")))
        #expect(try await parts(queue.take(10, by: "w", now: start + 1)) == ["b"])
        try await expectInvariants(queue)
    }

    @Test func purgingAnotherDeadJobDoesNot() async throws {
        let queue = try await queue(member("a", afterDead: .goOn), member("b"), member("c"))
        for ms in 0..<2 { try await settle(queue.take(by: "w", now: start), .dead(failure), in: queue, at: ms) }
        #expect(try await queue.purge(.of("a")))
        #expect(try await queue.sequence("k")?.isHalted == true)
        #expect(try await queue.take(10, by: "w", now: start + 2).isEmpty)
        try await expectInvariants(queue)
    }

    @Test func whereItIsAskedForTheSequenceGoesOnAfterADeadJob() async throws {
        let queue = try await queue(member("a", afterDead: .goOn), member("b"))
        try await settle(queue.take(by: "w", now: start), .dead(failure), in: queue)
        #expect(try await parts(queue.take(10, by: "w", now: start + 1)) == ["b"])
    }

    @Test func aCancelledOrExpiredJobIsLeftOut() async throws {
        let queue = try await queue(member("a"), member("b"), member("c"), member("d"))
        _ = try await queue.cancel(.of("b"), now: start)
        try await expectInvariants(queue)
        _ = try await queue.cancel(.of("a"), now: start)
        let claims = try await queue.take(10, by: "w", now: start)
        #expect(parts(claims) == ["c"])
        // The cancelled head still has its entry in the list: retried, it waits for its turn like any other.
        try await queue.retry(.of("a"), now: start)
        #expect(try await queue.take(10, by: "w", now: start).isEmpty)
        try await settle(claims, in: queue)
        #expect(try await parts(queue.take(10, by: "w", now: start)) == ["a"])
        try await expectInvariants(queue)
    }

    @Test func aHeadThatIsCancelledAndRetriedBeforeItsListIsReadRunsOnce() async throws {
        let queue = try await queue(member("a"), member("b"))
        _ = try await queue.cancel(.of("a"), now: start)
        _ = try await queue.cancel(.of("b"), now: start)
        try await queue.retry(.of("a"), now: start)
        #expect(try await parts(queue.take(10, by: "w", now: start)) == ["a"])
        try await expectInvariants(queue)
    }

    @Test func aJobThatWaitsForItsTimeKeepsNobodyWaiting() async throws {
        let queue = try await queue(member("late", start: .after(.milliseconds(100))), member("b"), member("c"))
        let first = try await queue.take(10, by: "w", now: start)
        #expect(parts(first) == ["b"])
        #expect(try await queue.take(10, by: "w", now: start + 100).isEmpty, "its time has come, not its turn")
        try await expectInvariants(queue)
        try await settle(first, in: queue, at: 100)
        #expect(try await parts(queue.take(10, by: "w", now: start + 101)) == ["late"], "it was stored before c")
    }

    @Test func theHeadMayWaitForALimitAndShareWithTenants() async throws {
        let queue = try await queue()
        try await queue.setLimit("slow", to: Limit(rate: .spaced(.milliseconds(100))), now: start)
        let options = JobOptions(limits: [LimitUse("slow")], sequence: JobSequence("k"))
        let tenant = JobOptions(tenant: "t", sequence: JobSequence("k"))
        try await queue.enqueue(
            [
                try job("a", options: options), try job("b", options: options), try job("c", options: tenant),
            ], now: start)
        let a = try await queue.take(10, by: "w", now: start)
        #expect(parts(a) == ["a"])
        try await settle(a, in: queue, at: 1)
        #expect(try await queue.take(10, by: "w", now: start + 50).isEmpty)
        #expect(try await queue.status(.of("b")).waitsFor == "slow")
        try await expectInvariants(queue)
        let b = try await queue.take(10, by: "w", now: start + 100)
        #expect(parts(b) == ["b"])
        try await settle(b, in: queue, at: 100)
        #expect(try await parts(queue.take(10, by: "w", now: start + 100)) == ["c"])
        try await expectInvariants(queue)
    }

    @Test func theNextJobStartsAfterADestroyedOne() async throws {
        let queue = try await queue(member("a"), member("b", afterDead: .goOn))
        try await queue.command("DEL", "job:a")
        #expect(try await queue.take(10, by: "w", now: start).isEmpty)
        #expect(try await state("a", in: queue) == .dead)
        #expect(try await queue.sequence("k")?.isHalted == true, "nobody knows what it asked for")
        #expect(try await queue.resumeSequence("k", now: start) == true)
        #expect(try await parts(queue.take(10, by: "w", now: start)) == ["b"])
    }

    /// A worker of version 0.1.0 settles a job and does not know of sequences.
    @Test func aHeadThatAnOlderWorkerHasEndedIsNoticed() async throws {
        let queue = try await queue(member("a"), member("b"))
        let claims = try await queue.take(10, by: "w", now: start)
        try await settle(claims, in: queue)
        // As that worker would have left it.
        let b = JobID.of("b").key
        try await queue.command("HSET", "sequences", "k", JobID.of("a").key)
        try await queue.command("HDEL", "heads", b)
        try await queue.command("HSET", "heads", JobID.of("a").key, "k")
        try await queue.command("LREM", "queued:2", "1", b)
        try await queue.command("ZADD", "sequence:k", "2", b)
        try await queue.command("HINCRBY", "meta", "following", "1")
        try await queue.command("HDEL", "meta", "tidyAt")
        #expect(try await queue.verify().contains { $0.detail.contains("still waits for it") })
        #expect(try await parts(queue.take(10, by: "w", now: start + 1)) == ["b"])
        try await expectInvariants(queue)
    }

    /// The same of a cancellation: it leaves a tombstone.
    @Test func aJobInASequenceThatAnOlderVersionHasCancelledIsLeftOut() async throws {
        let queue = try await queue(member("a"), member("b"), member("c"))
        let claims = try await queue.take(10, by: "w", now: start)
        let turn = try #require(try await queue.command("ZSCORE", "sequence:k", JobID.of("b").key).string)
        _ = try await queue.cancel(.of("b"), now: start)
        // As that version would have left it.
        try await queue.command("ZADD", "sequence:k", turn, JobID.of("b").key)
        try await queue.command("HINCRBY", "meta", "following", "1")
        try await queue.command("SADD", "tombstones", JobID.of("b").key)
        try await settle(claims, in: queue)
        #expect(try await parts(queue.take(10, by: "w", now: start + 1)) == ["c"])
        try await expectInvariants(queue)
    }

    @Test func aDeadWorkersJobKeepsItsTurn() async throws {
        let queue = try await queue(member("a"), member("b"))
        try await queue.join("doomed", lease: .seconds(5), now: start)
        #expect(try await parts(queue.take(10, by: "doomed", now: start)) == ["a"])
        #expect(try await queue.take(10, by: "w", now: start).isEmpty)
        var next: [Claim] = []
        for ms in stride(from: 5000, to: 9000, by: 200) where next.isEmpty {
            next = try await queue.take(10, by: "w", now: start + ms)
        }
        #expect(parts(next) == ["a"])
        try await expectInvariants(queue)
    }

    @Test func whatASequenceCantHaveIsRefused() async throws {
        #expect(throws: QueueError.self) { try member("a", "") }
        #expect(throws: QueueError.self) { try member("a", String(repeating: "k", count: 129)) }
        let queue = try await queue()
        // A full sequence: the cap looks at the size of the set.
        for start in stride(from: 0, to: 100_000, by: 10_000) {
            var fill = RedisCommand("ZADD", arguments: 1 + 20_000)
            fill.append(queue.base + "sequence:k")
            for i in start..<(start + 10_000) {
                fill.append(i)
                fill.append("x\(i)")
            }
            _ = try await queue.send(fill)
        }
        let new = try member("a")
        await #expect(throws: QueueError.self) { try await queue.enqueue([new], now: start) }
        #expect(try await state("a", in: queue) == .unknown)
    }
}
