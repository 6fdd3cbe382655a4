import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct ReserveTests {
    @Test func prioritiesComeFirstThenAge() async throws {
        let queue = try await makeQueue()
        let jobs = [("l", Priority.low), ("d1", .default), ("c", .critical), ("d2", .default), ("h", .high)]
        for (part, priority) in jobs {
            try await queue.enqueue([try job(part, options: JobOptions(priority: priority))], now: start)
        }
        try await queue.join("w", now: start)
        #expect(try await queue.take(2, by: "w", now: start).map(\.id) == [.of("c"), .of("h")])
        #expect(try await queue.take(2, by: "w", now: start).map(\.id) == [.of("d1"), .of("d2")])
        #expect(try await queue.take(2, by: "w", now: start).map(\.id) == [.of("l")])
        try await expectInvariants(queue)
    }

    @Test func aClaimSaysAllThatItsWorkerNeeds() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a", arguments: #"{"n":1}"#)], now: start)
        try await queue.join("w", now: start)
        let claim = try #require(try await queue.take(by: "w", now: start + 7).first)
        #expect(claim.attempt == 1)
        #expect(claim.failures == 0)
        #expect(claim.crashes == 0)
        #expect(claim.startedAt == start + 7)
        let body = try JobBody(claim.body, of: "a")
        #expect(body.type == "test.noop")
        #expect(body.arguments == Payload(Array(#"{"n":1}"#.utf8)))
        #expect(body.createdAt == start)
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .running)
        #expect(record.worker == "w")
        #expect(record.startedAt == start + 7)
        try await expectInvariants(queue)
    }

    /// Handing out hundreds of MiB at once would keep Redis from serving anyone, beats included.
    @Test func aCallHandsOutEightMiBAndTheRestKeepsItsOrder() async throws {
        let queue = try await makeQueue()
        let big = "\"" + String(repeating: "x", count: 3 << 20) + "\""
        for i in 0..<5 {
            let arguments = i == 3 ? "{}" : big
            try await queue.enqueue(
                [
                    try NewJob(
                        "test.noop", arguments: Array(arguments.utf8), in: .default, id: .of("j\(i)"), limit: 4 << 20)
                ],
                now: start)
        }
        try await queue.join("w", now: start)
        try await queue.command("DEL", "bell")
        let first = try await queue.reserve(upTo: 100, by: "w", now: start)
        #expect(first.claims.map(\.id) == [.of("j0"), .of("j1"), .of("j2")])
        #expect(first.quietFor == .zero, "there is more at once")
        #expect(try await queue.command("ZCARD", "bell").int == 1, "and for others too")
        #expect(try await queue.take(100, by: "w", now: start).map(\.id) == [.of("j3"), .of("j4")])
        try await expectInvariants(queue)
    }

    @Test func withoutALeaseThereIsNothing() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        await #expect(throws: QueueError.lapsed(worker: "w")) { try await queue.take(by: "w", now: start) }
        try await queue.join("w", lease: .seconds(5), now: start)
        await #expect(throws: QueueError.lapsed(worker: "w")) { try await queue.take(by: "w", now: start + 5000) }
        #expect(try await queue.take(by: "w", now: start + 4999).count == 1)
        try await expectInvariants(queue)
    }

    @Test func aPausedQueueHandsNothingOutButBecomesReady() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(
            [try job("a"), try job("b", options: JobOptions(start: .after(.seconds(1))))], now: start)
        try await queue.join("w", lease: .seconds(50), now: start)
        #expect(try await queue.pause())
        #expect(try await !queue.pause())
        #expect(try await queue.take(5, by: "w", now: start + 1000).isEmpty)
        #expect(try await queue.stats(now: start).queue.queued == 2)
        #expect(try await queue.stats(now: start).queue.paused)
        try await queue.command("DEL", "bell")
        #expect(try await queue.resume())
        #expect(try await queue.command("ZCARD", "bell").int == 1)
        #expect(try await !queue.resume())
        #expect(try await queue.take(5, by: "w", now: start + 1000).map(\.id) == [.of("a"), .of("b")])
        try await expectInvariants(queue)
    }

    @Test func aReserveThatFillsItsRoomWakesTheNextWorker() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a"), try job("b")], now: start)
        try await queue.join("w", now: start)
        try await queue.command("DEL", "bell")
        #expect(try await queue.take(1, by: "w", now: start).count == 1)
        #expect(try await queue.command("ZCARD", "bell").int == 1)
        try await queue.command("DEL", "bell")
        #expect(try await queue.take(2, by: "w", now: start).count == 1)
        #expect(try await queue.command("ZCARD", "bell").int == 0, "there is nothing left to ring for")
    }

    @Test func reserveReturnsWhenTheNextJobIsDue() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(50), now: start)
        func next(_ now: Int) async throws -> Duration {
            try await queue.reserve(upTo: 1, by: "w", now: now).quietFor
        }
        #expect(try await next(start) == .seconds(50), "then its own lease ends")
        try await queue.join("other", lease: .seconds(20), now: start)
        #expect(try await next(start + 1) == .milliseconds(19_999), "and then somebody must look after its jobs")
        try await queue.enqueue([try job("a", options: JobOptions(start: .after(.seconds(3))))], now: start)
        #expect(try await next(start + 500) == .milliseconds(2500))
        let expiring = JobOptions(start: .after(.seconds(9)), expiry: .after(.seconds(2)))
        try await queue.enqueue([try job("b", options: expiring)], now: start)
        #expect(try await next(start + 500) == .milliseconds(1500))
    }

    @Test func tombstonesTakeNoRoomAndHideNothing() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a"), try job("b"), try job("c"), try job("d")], now: start)
        try await queue.enqueue([try job("low", options: JobOptions(priority: .low))], now: start)
        for part in ["a", "b"] { try await queue.cancel(.of(part), now: start) }
        try await queue.join("w", now: start)
        #expect(
            try await queue.take(1, by: "w", now: start).map(\.id) == [.of("c")], "and neither nothing nor the low one")
        #expect(try await queue.take(3, by: "w", now: start).map(\.id) == [.of("d"), .of("low")])
        #expect(try await queue.command("EXISTS", "tombstones").int == 0)
        try await expectInvariants(queue)
    }

    @Test func thousandsOfTombstonesGoInSteps() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(try (0..<1500).map { try job("j\($0)") } + [try job("last")], now: start)
        try await queue.enqueue([try job("low", options: JobOptions(priority: .low))], now: start)
        for i in 0..<1500 { try await queue.cancel(.of("j\(i)"), now: start) }
        try await queue.join("w", now: start)
        try await queue.command("DEL", "bell")
        #expect(try await queue.take(1, by: "w", now: start).isEmpty)
        #expect(try await queue.command("ZCARD", "bell").int == 1, "or it would sleep before a full queue")
        #expect(try await queue.take(1, by: "w", now: start).map(\.id) == [.of("last")])
        try await expectInvariants(queue)
    }

    @Test func whatIsTooOldIsNotHandedOutHoweverMuchExpires() async throws {
        let queue = try await makeQueue()
        let options = JobOptions(expiry: .after(.seconds(1)))
        try await queue.enqueue(try (0..<250).map { try job("j\($0)", options: options) }, now: start)
        try await queue.enqueue([try job("good")], now: start)
        try await queue.join("w", now: start)
        #expect(try await queue.take(1000, by: "w", now: start + 1000).map(\.id) == [.of("good")])
        #expect(try await queue.stats(now: start).queue.expired == 250)
        try await expectInvariants(queue)
    }

    @Test func oneThatStartedInTimeDoesNotExpireWhileItRuns() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a", options: JobOptions(expiry: .after(.seconds(1))))], now: start)
        try await queue.join("w", lease: .seconds(50), now: start)
        let claims = try await queue.take(by: "w", now: start + 999)
        _ = try await queue.take(by: "w", now: start + 2000)
        #expect(try await queue.state("a") == .running)
        #expect(try await queue.settle(claims.map { Settled($0, .success) }, by: "w", now: start + 3000).isEmpty)
        #expect(try await queue.state("a") == .succeeded)
        try await expectInvariants(queue)
    }

    @Test(arguments: [Outcome.failed(failure, delay: .seconds(5)), .released, .unclaimed(delay: .seconds(5))])
    func oneThatWaitsAgainExpires(outcome: Outcome) async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a", options: JobOptions(expiry: .after(.seconds(1))))], now: start)
        try await queue.join("w", lease: .seconds(50), now: start)
        _ = try await queue.settle(
            try await queue.take(by: "w", now: start).map { Settled($0, outcome) }, by: "w", now: start)
        #expect(try await queue.take(by: "w", now: start + 1000).isEmpty)
        #expect(try await queue.state("a") == .expired)
        try await expectInvariants(queue)
    }

    /// Whatever was written there by hand, worker and script must agree on the claim.
    @Test(arguments: ["12abc 0 0", "x", "7"]) func aGarbledCountOfAttemptsStopsNoJob(counts: String) async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        try await queue.join("w", now: start)
        try await queue.command("HSET", "job:a", "a", counts)
        let claims = try await queue.take(by: "w", now: start)
        #expect(try await queue.settle(claims.map { Settled($0, .success) }, by: "w", now: start).isEmpty)
        #expect(try await queue.state("a") == .succeeded)
    }

    @Test func jobsOfALostReplyComeBackByResync() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a"), try job("b"), try job("c")], now: start)
        try await queue.join("w", now: start)
        let heard = try await queue.reserve(upTo: 1, by: "w", now: start).claims
        _ = try await queue.reserve(upTo: 1, by: "w", now: start + 1)  // the reply is lost
        let unheard = try await queue.resync(by: "w", number: 1, besides: heard, now: start + 2)
        #expect(unheard.map(\.id) == [.of("b")])
        let claims = try await queue.resync(by: "w", number: 1, now: start + 2)
        #expect(Set(claims.map(\.id)) == [.of("a"), .of("b")], "all that it holds")
        // A reserve that was sent before the resync and arrives after it must hand out nothing.
        await #expect(throws: QueueError.self) {
            try await queue.reserve(upTo: 1, by: "w", resyncs: 0, now: start + 3)
        }
        #expect(try await queue.state("c") == .queued)
        #expect(
            try await queue.reserve(upTo: 1, by: "w", resyncs: 1, now: start + 3).claims.map(\.id)
                == [.of("c")])
        #expect(try await queue.settle(claims.map { Settled($0, .success) }, by: "w", now: start + 4).isEmpty)
        try await expectInvariants(queue)
        try await queue.leave("w", now: start + 5)
        #expect(try await queue.command("HEXISTS", "meta", "recalled:w").int == 0)
        await #expect(throws: QueueError.lapsed(worker: "w")) {
            try await queue.resync(by: "w", number: 2, now: start + 6)
        }
        try await expectInvariants(queue)
    }

    @Test func behindTheBellItReservesInTheMomentThatItRings() async throws {
        let queue = try await makeQueue()
        let sleeper = RedisConnection(try RedisServer.current.url, name: "bell")
        try await sleeper.connect()
        let bell = Bell(of: [queue], for: .seconds(20), on: sleeper)
        try await queue.join("w", lease: .seconds(60), about: "{}")
        async let reserved = queue.reserve(upTo: 5, by: "w", after: bell)
        try await Scratch.wait("the worker to sleep") {
            try await queue.blockedClients() == 1
        }
        try await queue.enqueue([try job("a"), try job("b")])
        #expect(try await reserved.claims.map(\.id) == [.of("a"), .of("b")])
        // With nothing to do it comes back when the time is up, and nothing is left behind.
        let short = Bell(of: [queue], for: .milliseconds(20), on: sleeper)
        #expect(try await queue.reserve(upTo: 5, by: "w", after: short).claims.isEmpty)
        // The script cache is gone, the bell has rung: it must not sleep again.
        try await queue.flushScripts()
        try await queue.enqueue([try job("c")])
        try await queue.flushScripts()
        #expect(try await queue.reserve(upTo: 5, by: "w", after: bell).claims.count == 1)
        try await expectInvariants(queue)
        await sleeper.close()
    }

    @Test func aBellOfTheWrongTypeIsAnErrorAndWhatWasReservedCanBeResynced() async throws {
        let queue = try await makeQueue()
        let sleeper = RedisConnection(try RedisServer.current.url, name: "bell")
        try await sleeper.connect()
        try await queue.join("w", lease: .seconds(60), about: "{}")
        _ = try await queue.reserve(upTo: 0, by: "w")  // from here on the server knows the script
        try await queue.enqueue([try job("a")])
        try await queue.command("DEL", "bell")
        try await queue.command("SET", "bell", "overwritten")
        await #expect {
            _ = try await queue.reserve(
                upTo: 1, by: "w", after: Bell(of: [queue], for: .seconds(9), on: sleeper))
        } throws: { error in
            if case .refused(script: "BZPOPMIN", _)? = error as? QueueError { true } else { false }
        }
        try await queue.command("DEL", "bell")
        #expect(try await queue.resync(by: "w", number: 1).map(\.id) == [.of("a")])
        await sleeper.close()
    }
}
