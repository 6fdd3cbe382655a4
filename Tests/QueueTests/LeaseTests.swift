import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// Joining, beating, leaving, and what happens to the jobs of a worker that died.
@Suite(.redis) struct LeaseTests {
    @Test func aBeatRenewsUntilOthersTakeTheJobsOver() async throws {
        let queue = try await makeQueue()
        func beat(_ now: Int) async throws {
            _ = try await queue.beat("w", lease: .seconds(5), about: "{}", now: now)
        }
        await #expect(throws: QueueError.lapsed(worker: "w")) { try await beat(start) }
        try await queue.join("w", now: start)
        try await beat(start + 4999)
        try await beat(start + 9998)
        try await beat(start + 14_998)  // the lease is over, and nobody has noticed
        try await queue.join("other", now: start + 19_998)
        _ = try await queue.take(0, by: "other", now: start + 19_998)
        await #expect(throws: QueueError.lapsed(worker: "w")) { try await beat(start + 19_998) }
        try await expectInvariants(queue)
    }

    @Test func aBeatNamesWhatToCancelUntilItIsSettled() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a"), try job("b")], now: start)
        try await queue.join("w", now: start)
        let claims = try await queue.take(2, by: "w", now: start)
        func told() async throws -> [JobID] {
            try await queue.beat("w", lease: .seconds(5), about: "{}", now: start).cancelled
        }
        #expect(try await told().isEmpty)
        #expect(try await queue.cancel(.of("a"), now: start) == .running)
        #expect(try await queue.status(.of("a"), now: start).cancelRequested)
        #expect(try await told() == [.of("a")])
        #expect(try await told() == [.of("a")], "told again, should the first have got lost")
        _ = try await queue.settle([Settled(claims[0], .cancelled(failure))], by: "w", now: start)
        #expect(try await told().isEmpty)
        try await expectInvariants(queue)
    }

    @Test func aBeatNamesThousandsToCancel() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", now: start)
        for part in 0..<9 {
            var add = RedisCommand("SADD", arguments: 1001)
            add.append(queue.base + "cancels:w")
            for i in 0..<1000 { add.append("ph:{default}:job:j\(part)-\(i)") }
            _ = try await queue.send(add)
        }
        let beat = try await queue.beat("w", lease: .seconds(5), about: "{}", now: start)
        #expect(beat.cancelled.count == 9000, "Lua's unpack fails at 8,000")
    }

    @Test func aBeatWakesSomebodyForADeadWorker() async throws {
        let queue = try await makeQueue()
        try await queue.join("w1", now: start)
        try await queue.join("w2", now: start + 4000)
        try await queue.command("DEL", "bell")
        _ = try await queue.beat("w2", lease: .seconds(5), about: "{}", now: start + 4999)
        #expect(try await queue.command("ZCARD", "bell").int == 0)
        _ = try await queue.beat("w2", lease: .seconds(5), about: "{}", now: start + 5000)
        #expect(try await queue.command("ZCARD", "bell").int == 1)
    }

    /// Reserve believes that nothing is due before the next lease ends: a shorter one that comes later must count too.
    @Test func aShortLeaseIsMissedInTime() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        try await queue.join("long", lease: .seconds(50), now: start)
        #expect(try await queue.take(0, by: "long", now: start).isEmpty)
        try await queue.join("short", lease: .seconds(1), now: start)
        #expect(try await queue.take(by: "short", now: start).count == 1)
        #expect(try await queue.take(by: "long", now: start + 999).isEmpty)
        #expect(try await queue.take(by: "long", now: start + 1000).map(\.attempt) == [2])
        try await expectInvariants(queue)
    }

    @Test func leavingGivesBackWithoutACrash() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a"), try job("b"), try job("c")], now: start)
        try await queue.join("w", now: start)
        _ = try await queue.take(2, by: "w", now: start)
        try await queue.cancel(.of("b"), now: start)
        #expect(try await queue.leave("w", now: start) == 2)
        #expect(try await queue.leave("w", now: start) == 0)
        #expect(try await queue.state("b") == .cancelled)
        #expect(try await queue.stats(now: start).workers.isEmpty)
        try await queue.join("w2", now: start)
        let claims = try await queue.take(2, by: "w2", now: start)
        #expect(claims.map(\.id) == [.of("a"), .of("c")], "back at the head")
        #expect(claims[0].attempt == 2)
        #expect(claims[0].crashes == 0)
        try await expectInvariants(queue)
    }

    @Test func leavingWithMoreThanAThousandGoesInSteps() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(try (0..<1200).map { try job("j\($0)") }, now: start)
        try await queue.join("w", now: start)
        for _ in 0..<2 { _ = try await queue.take(1000, by: "w", now: start) }
        #expect(try await queue.leave("w", now: start) == 1200)
        #expect(try await queue.stats(now: start).queue.queued == 1200)
        try await expectInvariants(queue)
    }

    /// Lets a worker of a new name take the job and die.
    private func crash(
        _ queue: Queue, _ number: Int, _ now: Int, maxCrashes: Int = 3, server: String? = nil
    ) async throws -> Claim? {
        try await queue.join("w\(number)", lease: .seconds(5), server: server, now: now)
        return try await queue.take(by: "w\(number)", maxCrashes: maxCrashes, now: now).first
    }

    @Test func crashesAreCountedApartSpreadAndInTheEndDeadly() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        #expect(try await crash(queue, 1, start)?.attempt == 1)
        let second = try #require(try await crash(queue, 2, start + 10_000), "at once after the first crash")
        #expect(second.attempt == 2)
        #expect(second.crashes == 1)
        #expect(second.failures == 0)
        #expect(try await crash(queue, 3, start + 20_000) == nil, "the second crash puts it off")
        var record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .retrying)
        #expect(record.crashes == 2)
        #expect(record.failures == 0)
        #expect((start + 21_000...start + 30_000).contains(try #require(record.runAt)))
        #expect(record.errors.first?.failure.type == "crashed")
        #expect(try await crash(queue, 4, start + 31_000)?.attempt == 3)
        #expect(try await crash(queue, 5, start + 41_000) == nil)
        #expect(try await crash(queue, 6, start + 52_000) == nil)
        record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .dead)
        #expect(record.crashes == 3)
        #expect(record.error?.type == "crashed")
        #expect(record.attempt == 3)
        #expect(try await queue.stats(now: start).queue.totals.crashes == 3)
        try await expectInvariants(queue)
    }

    @Test func jobsThatDieTogetherAreSpread() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(try (0..<50).map { try job("j\($0)") }, now: start)
        for number in 1...2 {
            try await queue.join("w\(number)", now: start + number * 10_000)
            #expect(try await queue.take(50, by: "w\(number)", now: start + number * 10_000).count == 50)
        }
        try await queue.join("w3", now: start + 30_000)
        #expect(try await queue.take(50, by: "w3", now: start + 30_000).isEmpty)
        let due = try await queue.status((0..<50).map { .of("j\($0)") }, now: start).compactMap(\.runAt)
        #expect(Set(due).count > 40)
        #expect(due.max()! - due.min()! > 5000)
        try await expectInvariants(queue)
    }

    @Test func maxCrashesOfOneKillsAtOnce() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        _ = try await crash(queue, 1, start)
        #expect(try await crash(queue, 2, start + 10_000, maxCrashes: 1) == nil)
        #expect(try await queue.state("a") == .dead)
        try await expectInvariants(queue)
    }

    @Test func aCancelledJobOfADeadWorkerIsCancelled() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        _ = try await crash(queue, 1, start)
        try await queue.cancel(.of("a"), now: start)
        #expect(try await crash(queue, 2, start + 10_000) == nil)
        #expect(try await queue.state("a") == .cancelled)
        #expect(try await queue.command("EXISTS", "cancels:w1").int == 0)
        try await expectInvariants(queue)
    }

    @Test func aRestartOfRedisIsNoCrash() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        _ = try await crash(queue, 1, start, server: "the one before")
        let claim = try await crash(queue, 2, start + 10_000)
        #expect(claim?.attempt == 2)
        #expect(claim?.crashes == 0)
        #expect(try await queue.stats(now: start).queue.totals.crashes == 0)
        try await expectInvariants(queue)
        // When a worker that has beaten on this server dies, it is a crash.
        let here = try await queue.serverRun()
        #expect(here?.count == 40)
        #expect(try await crash(queue, 3, start + 20_000, server: here)?.crashes == 1)
        #expect(try await crash(queue, 4, start + 30_000) == nil, "the second crash puts it off")
        try await expectInvariants(queue)
    }

    @Test func aJobThatTakesTheServerDownWithItEndsToo() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        func lose(_ number: Int, _ seconds: Int) async throws -> Claim? {
            try await crash(queue, number, start + seconds * 1000, server: "the one before")
        }
        #expect(try await lose(1, 0)?.attempt == 1)
        #expect(try await lose(2, 10)?.attempt == 2, "at once after the first loss")
        #expect(try await lose(3, 20) == nil, "the second one puts it off")
        #expect(try await lose(4, 31)?.attempt == 3)
        #expect(try await lose(5, 41) == nil)
        #expect(try await lose(6, 52)?.crashes == 0)
        #expect(try await lose(7, 62) == nil)
        #expect(try await lose(8, 73)?.crashes == 1, "the fourth one in a row counts")
        #expect(try await lose(9, 83) == nil)
        #expect(try await lose(10, 94)?.crashes == 2)
        try await expectInvariants(queue)
        #expect(try await lose(11, 104) == nil)
        #expect(try await queue.state("a") == .dead)
        try await expectInvariants(queue)
    }

    @Test func aDeadWorkerWithMuchWorkIsRescuedInSteps() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(try (0..<250).map { try job("j\($0)") }, now: start)
        try await queue.join("w1", now: start)
        _ = try await queue.take(250, by: "w1", now: start)
        try await queue.join("w2", lease: .seconds(100), now: start)
        var sizes: [Int] = []
        for _ in 0..<3 {
            try await queue.command("DEL", "bell")
            sizes.append(try await queue.take(500, by: "w2", now: start + 5000).count)
            #expect(try await queue.command("ZCARD", "bell").int == 1)
        }
        #expect(sizes == [100, 100, 50])
        #expect(try await queue.stats(now: start).workers.map(\.id) == ["w2"])
        try await expectInvariants(queue)
    }

    @Test func anExpiryHoldsAgainForARescuedJob() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a", options: JobOptions(expiry: .after(.seconds(20))))], now: start)
        _ = try await crash(queue, 1, start)
        try await queue.join("w2", lease: .seconds(100), now: start)
        _ = try await queue.take(0, by: "w2", now: start + 6000)
        #expect(try await queue.state("a") == .queued)
        #expect(try await queue.take(by: "w2", now: start + 20_000).isEmpty)
        #expect(try await queue.state("a") == .expired)
        try await expectInvariants(queue)
    }

    @Test func aClaimThatCannotBeReadStopsNobody() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a"), try job("b")], now: start)
        try await queue.join("w1", now: start)
        _ = try await queue.take(by: "w1", now: start)
        try await queue.command("HSET", "claims:w1", "ph:{default}:job:a", "nonsense")
        try await queue.join("w2", now: start + 4000)
        #expect(try await queue.take(5, by: "w2", now: start + 6000).map(\.id) == [.of("a"), .of("b")])
        try await expectInvariants(queue)
    }
}
