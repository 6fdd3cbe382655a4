import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// Somebody deletes or overwrites a job's key. That job goes to dead or is answered as unknown; nothing else stops.
@Suite(.redis) struct DamageTests {
    enum Damage: CaseIterable {
        case deleted, string, list, noBody, emptyBody
    }

    private func destroy(_ part: String, _ damage: Damage, _ queue: Queue) async throws {
        let key = "job:" + part
        switch damage {
        case .deleted: try await queue.command("DEL", key)
        case .string: try await queue.command("SET", key, "x")
        case .list:
            try await queue.command("DEL", key)
            try await queue.command("RPUSH", key, "x")
        case .noBody: try await queue.command("HDEL", key, "b")
        case .emptyBody: try await queue.command("HSET", key, "b", "")
        }
    }

    private func two(_ options: JobOptions = JobOptions()) async throws -> Queue {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(100), now: start)
        try await queue.enqueue([try job("bad", options: options), try job("good", options: options)], now: start)
        return queue
    }

    private func expectDead(_ queue: Queue) async throws {
        let record = try await queue.status(.of("bad"), now: start)
        #expect(record.state == .dead)
        #expect(record.error?.type == "damaged")
        try await expectInvariants(queue, damaged: [.of("bad")])
        #expect(try await queue.verify().map(\.kind) == [.record], "and is named")
        #expect(try await queue.enqueue([try job("bad")], now: start) == [.existing(.of("bad"))], "its id stays taken")
        #expect(try await queue.purge(.of("bad")))
        try await expectInvariants(queue)
    }

    @Test(arguments: Damage.allCases) func whileItIsQueued(damage: Damage) async throws {
        let queue = try await two()
        try await destroy("bad", damage, queue)
        #expect(try await queue.take(1, by: "w", now: start).map(\.id) == [.of("good")])
        try await expectDead(queue)
    }

    @Test(arguments: Damage.allCases) func whileItIsScheduled(damage: Damage) async throws {
        let queue = try await two(JobOptions(start: .after(.seconds(1)), expiry: .after(.seconds(50))))
        try await destroy("bad", damage, queue)
        #expect(try await queue.take(5, by: "w", now: start + 1000).map(\.id) == [.of("good")])
        try await expectDead(queue)
    }

    @Test(arguments: Damage.allCases) func whileItIsExpiring(damage: Damage) async throws {
        let queue = try await two(JobOptions(expiry: .after(.seconds(1))))
        try await destroy("bad", damage, queue)
        #expect(try await queue.take(5, by: "w", now: start + 1000).isEmpty)
        #expect(try await queue.state("good") == .expired)
    }

    @Test(arguments: Damage.allCases.dropLast(), SettleTests.all)
    func whileItRuns(damage: Damage, outcome: Outcome) async throws {
        let queue = try await two()
        let claims = try await queue.take(2, by: "w", now: start)
        try await destroy("bad", damage, queue)
        _ = try await queue.saveProgress(claims.map { ($0, .progress([49])) }, by: "w", now: start)
        #expect(try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start).isEmpty)
        #expect(try await queue.state("bad").hasEnded)
        #expect(try await queue.state("good") != .running)
        try await expectInvariants(queue, damaged: [.of("bad")])
    }

    @Test(arguments: Damage.allCases.dropLast(), [true, false])
    func whileItsWorkerDiesOrLeaves(damage: Damage, dies: Bool) async throws {
        let queue = try await two()
        _ = try await queue.take(2, by: "w", now: start)
        try await destroy("bad", damage, queue)
        if !dies { try await queue.leave("w", now: start) }
        try await queue.join("w2", now: start + 200_000)
        #expect(try await queue.take(5, by: "w2", now: start + 200_000).map(\.id) == [.of("good")])
        try await expectDead(queue)
    }

    @Test(arguments: Damage.allCases.dropLast()) func whileItIsResynced(damage: Damage) async throws {
        let queue = try await two()
        _ = try await queue.take(2, by: "w", now: start)
        try await destroy("bad", damage, queue)
        #expect(try await queue.resync(by: "w", number: 1, now: start).map(\.id) == [.of("good")])
        try await expectDead(queue)
    }

    @Test(arguments: Damage.allCases) func whenItHasDied(damage: Damage) async throws {
        let queue = try await two()
        let claims = try await queue.take(2, by: "w", now: start)
        _ = try await queue.settle(claims.map { Settled($0, .dead(failure)) }, by: "w", now: start)
        try await destroy("bad", damage, queue)
        _ = try await queue.take(0, by: "w", retention: Retention(deadAge: .zero), now: start + 1)
        #expect(try await queue.state("good") == .unknown, "prune has got past it")
        try await expectInvariants(queue)
    }

    @Test(arguments: Damage.allCases) func whenItIsCancelledRevivedAndPurged(damage: Damage) async throws {
        let queue = try await two()
        try await destroy("bad", damage, queue)
        _ = try await queue.cancel(.of("bad"), now: start)
        _ = try? await queue.retry(.of("bad"), now: start)
        _ = try await queue.purge(.of("bad"))
        #expect(try await queue.stats(now: start).queue.queued >= 1)
        #expect(try await queue.take(5, by: "w", now: start).contains { $0.id == .of("good") })
    }

    @Test func anExpiryThatIsNoNumberLosesNoJob() async throws {
        let queue = try await two()
        _ = try await queue.take(2, by: "w", now: start)
        try await queue.command("HSET", "job:bad", "x", "nan")
        try await queue.join("w2", now: start + 200_000)
        #expect(try await queue.take(5, by: "w2", now: start + 200_000).count == 2)
    }

    @Test func aRevivedDamagedJobDiesAgain() async throws {
        let queue = try await two()
        try await destroy("bad", .deleted, queue)
        for _ in 0..<2 {
            _ = try await queue.take(1, by: "w", now: start)
            #expect(try await queue.state("bad") == .dead)
            try await queue.retry(.of("bad"), now: start)
        }
        _ = try await queue.take(1, by: "w", now: start)
        try await expectInvariants(queue, damaged: [.of("bad")])
    }

    /// What a foreign producer may write: no script may fail over it, or it holds up the whole queue.
    @Test(arguments: [
        "", "x", "\n", "1 2 t 1", "1 2 t 1 \n", "x 9 t 1 {}\n{}",
        #"1 2 t 1 {"key":7,"keyStates":{}}"# + "\n{}", "1 2 t 1 {\n{}",
        #"1 2 t 1 {"key":NaN}"# + "\n{}", #"1 2 t 1 {"key":null,"keyPeriod":-7.5}"# + "\n{}",
        #"1 2 t 1 {"key":"k","keyPeriod":1e300}"# + "\n{}", "99999999999999999999999 2 t 1 {\"keyPeriod\":1e400}\n{}",
    ])
    func aGarbledPayloadStopsNobody(b: String) async throws {
        let queue = try await two()
        try await queue.command("HSET", "job:bad", "b", b)
        #expect(try await queue.stats(now: start).queue.queued == 2)
        _ = try await queue.status(.of("bad"), now: start).json()
        for round in 0..<4 {
            let worker = "w\(round)"
            try await queue.join(worker, lease: .seconds(5), now: start + round * 20_000)
            let claims = try await queue.take(5, by: worker, now: start + round * 20_000)
            if round == 0 { #expect(claims.contains { $0.id == .of("good") }) }
            let outcome: Outcome = round == 1 ? .failed(failure, delay: .zero) : .released
            if round > 0 {
                _ = try await queue.settle(claims.map { Settled($0, outcome) }, by: worker, now: start + round * 20_000)
            }
        }
        _ = try await queue.cancel(.of("bad"), now: start + 90_000)
        _ = try? await queue.retry(.of("bad"), now: start + 90_000)
        try await queue.join("last", now: start + 90_000)
        let claims = try await queue.take(5, by: "last", now: start + 90_000)
        _ = try await queue.settle(claims.map { Settled($0, .dead(failure)) }, by: "last", now: start + 90_000)
        try await expectInvariants(queue, damaged: [.of("bad")])
    }

    @Test func garbledCountsAndErrorsStopNobody() async throws {
        let queue = try await two()
        try await queue.command("HSET", "job:bad", "a", "many", "x", "soon", "e", "\n\nx\n1 2\n1 2 {\n")
        let claims = try await queue.take(2, by: "w", now: start)
        #expect(claims.count == 2)
        #expect(try await queue.status(.of("bad"), now: start).errors.count == 1)
        _ = try await queue.settle(claims.map { Settled($0, .failed(failure, delay: .zero)) }, by: "w", now: start)
        #expect(try await queue.status(.of("bad"), now: start).failures == 1)
    }

    @Test func aGarbledEntryOfEndedJobsStopsNobody() async throws {
        let queue = try await two()
        try await queue.command("RPUSH", "done", "nonsense")
        #expect(try await queue.take(5, by: "w", retention: Retention(age: .zero), now: start).count == 2)
        #expect(try await queue.command("LLEN", "done").int == 0)
    }

    @Test func anOverwrittenRecordCostsNoOtherJobOfTheSameCall() async throws {
        let queue = try await two()
        try await destroy("bad", .string, queue)
        for options in [JobOptions(), JobOptions(priority: .low, start: .after(.seconds(1)))] {
            let part = options == .plain ? "new" : "newer"
            let stored = try await queue.enqueue(
                [try job(part), try job("bad", options: options), try job(part + "2", options: options)], now: start)
            #expect(stored == [.stored(.of(part)), .existing(.of("bad")), .stored(.of(part + "2"))])
        }
        _ = try await queue.take(9, by: "w", now: start)
        try await expectInvariants(queue, damaged: [.of("bad")])
    }

    /// A job that is stored but stands in no list would be lost: repeated, the call would find it known.
    @Test(arguments: [("queued:2", JobOptions()), ("scheduled", JobOptions(start: .after(.seconds(1))))])
    func aPlaceThatWasOverwrittenTakesNothing(place: String, options: JobOptions) async throws {
        let queue = try await makeQueue()
        try await queue.command("SET", place, "x")
        await #expect(throws: QueueError.self) { try await queue.enqueue([try job("a", options: options)], now: start) }
        #expect(try await queue.stats(now: start).queue.damaged)
        try await queue.command("DEL", place)
        #expect(try await queue.enqueue([try job("a", options: options)], now: start) == [.stored(.of("a"))])
        #expect(try await !queue.stats(now: start).queue.damaged)
        try await expectInvariants(queue)
    }

    @Test(arguments: [
        "queued:0", "scheduled", "retrying", "unclaimed", "dead", "tombstones", "workers", "claims:w", "worker:w",
        "meta", "totals",
    ])
    func whatIsLeftOfTheNumbersIsShown(key: String) async throws {
        let queue = try await two()
        let kind: StaticString = key == "worker:w" ? "RPUSH" : "SET"
        try await queue.command("DEL", key)
        try await queue.command(kind, key, "x")
        let stats = try await queue.stats(now: start)
        #expect(stats.queue.damaged)
        #expect(stats.queue.queued == 2)
    }
}
