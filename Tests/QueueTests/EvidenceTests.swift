import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// What shows that a worker died, and that Redis only stood still.
@Suite(.redis) struct EvidenceTests {
    /// A worker that listens to its calls, as a live process does.
    private struct Listener {
        let queue: Queue
        let name: String
        let run: String
        let calls: RedisSubscription

        init(_ name: String, in queue: Queue) async throws {
            self.queue = queue
            self.name = name
            run = try #require(try await queue.serverRun())
            let listens = AsyncStream<Void>.makeStream()
            calls = RedisSubscription(
                try RedisServer.current.url, name: "test", channels: [queue.name(of: .calls(worker: name))],
                listening: { _ in listens.continuation.yield() }, heard: { _, _ in })
            calls.start()
            for await _ in listens.stream { break }
        }

        /// - Parameter leaseMs: as it says about itself.
        func about(listens: Bool = true, leaseMs: Int = 60_000) -> String {
            #"{"server":"\#(run)","leaseMs":\#(leaseMs)"# + (listens ? #","listens":"\#(run)"}"# : "}")
        }

        /// Closes its sockets, as the kernel does for a process that was killed.
        func die() async throws {
            await calls.close()
            try await Scratch.wait("Redis to know that nobody listens") { try await listeners() == 0 }
        }

        private func listeners() async throws -> Int {
            var command = RedisCommand("PUBSUB", arguments: 2)
            command.append("NUMSUB")
            command.append(queue.name(of: .calls(worker: name)))
            return try await queue.send(command).array?.last?.int ?? -1
        }
    }

    /// A queue in which `w1` listens and runs job `a`, with a lease of `lease`.
    private func running(lease: Duration = .seconds(60)) async throws -> (Queue, Listener, Claim) {
        let queue = try await makeQueue()
        let worker = try await Listener("w1", in: queue)
        try await queue.enqueue([try job("a")], now: start)
        try await queue.join("w1", lease: lease, about: worker.about(), now: start)
        return (queue, worker, try #require(try await queue.take(by: "w1", now: start).first))
    }

    private func beat(_ worker: String, in queue: Queue, about: String = "{}", now: Int) async throws {
        _ = try await queue.beat(worker, lease: .seconds(60), about: about, now: now)
    }

    @Test func aWorkerWhoseSocketsAreClosedIsRescuedLongBeforeItsLeaseEnds() async throws {
        let (queue, worker, _) = try await running()
        try await queue.join("w2", lease: .seconds(60), now: start)
        try await worker.die()
        try await queue.command("DEL", "bell")
        try await beat("w2", in: queue, now: start + 1000)
        #expect(try await queue.command("ZCARD", "bell").int == 1, "an idle worker is to look when the grace is over")
        let early = try await queue.reserve(upTo: 1, by: "w2", now: start + 1799)
        #expect(early.claims.isEmpty)
        #expect(early.quietFor == .milliseconds(1))
        let claim = try #require(try await queue.take(by: "w2", now: start + 1800).first)
        #expect(claim.attempt == 2)
        #expect(claim.crashes == 1)
        try await expectInvariants(queue)
    }

    /// Beats are a second apart; a busy worker reserves more often.
    @Test func aReserveOfABusyWorkerNoticesThatAnotherWasKilled() async throws {
        let (queue, worker, _) = try await running()
        try await queue.join("w2", lease: .seconds(60), now: start)
        try await worker.die()
        #expect(try await queue.take(by: "w2", now: start + 249).isEmpty)
        #expect(try await queue.command("ZCARD", "suspects").int == 0, "somebody looked for dead workers just before")
        #expect(try await queue.take(by: "w2", now: start + 250).isEmpty)
        #expect(try await queue.take(by: "w2", now: start + 1049).isEmpty)
        #expect(try await queue.take(by: "w2", now: start + 1050).map(\.attempt) == [2])
        try await expectInvariants(queue)
    }

    @Test func aReconnectCostsNoJobASecondRun() async throws {
        let (queue, worker, claim) = try await running()
        try await queue.join("w2", lease: .seconds(60), now: start)
        try await worker.die()
        try await beat("w2", in: queue, now: start + 1000)
        // It has noticed: its beat says that it does not listen for the moment.
        try await beat("w1", in: queue, about: worker.about(listens: false), now: start + 1300)
        try await beat("w2", in: queue, now: start + 2000)
        #expect(try await queue.take(by: "w2", now: start + 9000).isEmpty)
        #expect(try await queue.settle([Settled(claim, .success)], by: "w1", now: start + 9000).isEmpty)
        try await expectInvariants(queue)
    }

    @Test func oneThatListensAgainWithinTheGraceIsNotTakenForDead() async throws {
        let (queue, worker, _) = try await running()
        try await queue.join("w2", lease: .seconds(60), now: start)
        try await worker.die()
        try await beat("w2", in: queue, now: start + 1000)
        let again = try await Listener("w1", in: queue)
        #expect(try await queue.take(by: "w2", now: start + 1900).isEmpty)
        #expect(try await queue.command("ZCARD", "suspects").int == 0)
        await again.calls.close()
    }

    /// After a restart or a failover nobody listens yet: that says nothing.
    @Test func onAnotherRunOfTheServerTheLeaseAloneDecides() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        try await queue.join(
            "w1", lease: .seconds(60), about: #"{"server":"before","listens":"before"}"#, now: start)
        _ = try await queue.take(by: "w1", now: start)
        try await queue.join("w2", lease: .seconds(90), now: start)
        try await beat("w2", in: queue, now: start + 1000)
        #expect(try await queue.take(by: "w2", now: start + 59_999).isEmpty)
        #expect(try await queue.take(by: "w2", now: start + 60_000).map(\.crashes) == [0])
    }

    /// Nobody could beat while Redis stood still, and every lease is over when it answers again.
    @Test func aStallOfRedisIsNoCrash() async throws {
        let (queue, worker, claim) = try await running(lease: .seconds(5))
        try await queue.join("w2", now: start)
        let later = start + 30_000
        try await beat("w2", in: queue, now: later)
        #expect(try await queue.take(by: "w2", now: later).isEmpty, "w1 listens: it may beat in a moment")
        try await beat("w1", in: queue, about: worker.about(), now: later + 700)
        #expect(try await queue.take(by: "w2", now: later + 5000).isEmpty)
        #expect(try await queue.settle([Settled(claim, .success)], by: "w1", now: later + 5000).isEmpty)
        await worker.calls.close()
        try await expectInvariants(queue)
    }

    @Test func whatALivingWorkerGivesBackAfterAStallIsNoCrash() async throws {
        let (queue, worker, _) = try await running(lease: .seconds(5))
        try await queue.join("w2", now: start)
        try await beat("w2", in: queue, now: start + 30_000)
        #expect(try await queue.take(by: "w2", now: start + 30_000).isEmpty)
        #expect(try await queue.leave("w1", now: start + 30_500) == 1)
        let claim = try #require(try await queue.take(by: "w2", now: start + 30_500).first)
        #expect(claim.attempt == 2)
        #expect(claim.crashes == 0)
        await worker.calls.close()
        try await expectInvariants(queue)
    }

    /// A frozen host keeps its sockets open. Its jobs go elsewhere, and as nothing shows that they broke it, uncounted.
    @Test func aFrozenWorkerIsLostAfterItsLeaseAndTheGrace() async throws {
        let (queue, worker, claim) = try await running(lease: .seconds(5))
        try await queue.join("w2", lease: .seconds(60), now: start)
        #expect(try await queue.take(by: "w2", now: start + 5000).isEmpty)
        #expect(try await queue.take(by: "w2", now: start + 5799).isEmpty)
        let taken = try #require(try await queue.take(by: "w2", now: start + 5800).first)
        #expect(taken.attempt == 2)
        #expect(taken.crashes == 0)
        await #expect(throws: QueueError.lapsed(worker: "w1")) { try await beat("w1", in: queue, now: start + 5900) }
        #expect(try await queue.settle([Settled(claim, .success)], by: "w1", now: start + 5900) == [.of("a")])
        await worker.calls.close()
        try await expectInvariants(queue)
    }

    @Test func aClockThatWasSetBackLengthensNoLease() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        let said = #"{"leaseMs":5000}"#
        try await queue.join("w1", lease: .seconds(5), about: said, now: start + 300_000)
        _ = try await queue.take(by: "w1", now: start + 300_000)
        try await queue.join("w2", lease: .seconds(5), about: said, now: start)
        try await beat("w2", in: queue, now: start + 300)
        #expect(try await queue.take(by: "w2", now: start + 4999).isEmpty)
        #expect(try await queue.take(by: "w2", now: start + 5300).map(\.attempt) == [2])
    }
}
