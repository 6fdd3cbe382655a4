import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct SignalTests {
    func queue() async throws -> Queue {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(100_000), now: start)
        return queue
    }

    func wait(_ name: String = "go", timeout: Int = 1000, lookBack: Int = 0) throws -> Outcome {
        .awaiting(try SignalWait(name, timeout: .milliseconds(timeout), lookBack: .milliseconds(lookBack)))
    }

    /// Runs a ready job until it waits for a signal.
    func run(
        _ queue: Queue, _ outcome: Outcome, by worker: String = "w", at ms: Int = 0
    ) async throws {
        let claim = try #require(try await queue.take(by: worker, now: start + ms).first)
        #expect(try await queue.settle([Settled(claim, outcome)], by: worker, now: start + ms) == [])
    }

    func added(_ part: String = "a", options: JobOptions = JobOptions()) async throws -> Queue {
        let queue = try await queue()
        try await queue.enqueue([try job(part, options: options)], now: start)
        return queue
    }

    func isOver(_ queue: Queue, _ name: String = "go") async throws -> Bool {
        try await queue.isOver(try SignalWait(name, timeout: .zero), of: .of("a"))
    }

    func step(_ queue: Queue, _ name: String = "go", of part: String = "a") async throws -> String? {
        try await queue.steps(of: .of(part))["signal:\(name)"].map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Nothing is left of a wait outside the job.
    func expectNoWait(_ queue: Queue, _ name: String = "go") async throws {
        for key in ["awaiting", "awaited", "waiters:" + name] {
            #expect(try await queue.command("EXISTS", key).int == 0, "\(key)")
        }
        try await expectInvariants(queue)
    }

    @Test func aWaitingJobIsScheduledAndSaysForWhat() async throws {
        let queue = try await added()
        try await run(queue, try wait("to go"))
        let record = try await queue.status(.of("a"))
        #expect(record.state == .scheduled)
        #expect(record.waitsFor == "signal:to%20go")
        #expect(record.runAt == start + 1000)
        #expect(record.failures == 0)
        let stats = try await queue.stats(now: start).queue
        #expect(stats.scheduled == 1)
        #expect(stats.awaiting == 1)
        #expect(stats.running == 0)
        try await expectInvariants(queue)
    }

    @Test func waitingJobsAreListedBehindThoseThatWaitForTheirTime() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        try await queue.enqueue(
            try (0..<3).map { try job("s\($0)", options: JobOptions(start: .after(.seconds(9 + $0)))) }, now: start)
        var ids: [JobID] = []
        var offset: Int? = 0
        while let from = offset {
            let page = try await queue.list(.scheduled, offset: from, limit: 2)
            ids += page.ids
            offset = page.next
        }
        #expect(ids == [.of("s0"), .of("s1"), .of("s2"), .of("a")])
    }

    @Test func aSignalResumesAtTheHeadWithItsPayload() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        try await queue.enqueue([try job("b")], now: start)
        try await queue.command("DEL", "bell")
        #expect(try await queue.signal("go", payload: Array(#"{"by":1}"#.utf8), now: start + 1) == 1)
        #expect(try await queue.command("ZCARD", "bell").int == 1, "a worker is woken")
        #expect(try await step(queue) == #"{"by":1}"#)
        let claims = try await queue.take(2, by: "w", now: start + 1)
        #expect(claims.map(\.id) == [.of("a"), .of("b")])
        #expect(claims.first?.attempt == 2)
        #expect(claims.first?.failures == 0)
        try await expectNoWait(queue)
    }

    @Test func onlyJobsThatWaitForTheNameAreResumed() async throws {
        let queue = try await queue()
        for name in ["go", "go", "stop"] {
            try await queue.enqueue([try NewJob("test.noop", arguments: [], in: .default)], now: start)
            try await run(queue, try wait(name))
        }
        #expect(try await queue.signal("go", now: start) == 2)
        #expect(try await queue.stats(now: start).queue.awaiting == 1)
        try await expectInvariants(queue)
    }

    @Test func aSignalForOneJobResumesItAlone() async throws {
        let queue = try await queue()
        for part in ["a", "b"] {
            try await queue.enqueue([try job(part)], now: start)
            try await run(queue, try wait())
        }
        #expect(try await queue.signal("go", job: .of("b"), now: start) == 1)
        #expect(try await queue.state("a") == .scheduled)
        #expect(try await queue.state("b") == .queued)
        try await expectInvariants(queue)
    }

    @Test func moreThanAThousandJobsAreResumed() async throws {
        let queue = try await queue()
        for part in 0..<3 {
            try await queue.enqueue(try (0..<500).map { try job("j\(part)-\($0)") }, now: start)
            let claims = try await queue.take(500, by: "w", now: start)
            let outcome = try wait()
            _ = try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start)
        }
        #expect(try await queue.signal("go", now: start) == 1500)
        #expect(try await queue.stats(now: start).queue.queued == 1500)
        try await expectNoWait(queue)
    }

    @Test func aRepeatedSignalChangesNothing() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        #expect(try await queue.signal("go", job: .of("a"), payload: [0x31], now: start) == 1)
        #expect(try await queue.signal("go", job: .of("a"), payload: [0x32], now: start) == 0)
        #expect(try await step(queue) == "1")
        #expect(try await queue.command("HEXISTS", "job:a", "g:go").int == 0)
    }

    @Test func aRepeatedSettleIsNotRefused() async throws {
        let queue = try await added()
        let claim = try #require(try await queue.take(by: "w", now: start).first)
        for _ in 0..<2 {
            #expect(try await queue.settle([Settled(claim, try wait())], by: "w", now: start) == [])
        }
        #expect(try await queue.stats(now: start).queue.awaiting == 1)
        try await expectInvariants(queue)
    }

    @Test(arguments: [(sent: 0, found: false), (sent: 500, found: true), (sent: 600, found: true)])
    func aKeptSignalCountsWithinTheLookBack(sent: Int, found: Bool) async throws {
        let queue = try await added()
        try await queue.signal("go", payload: [0x31], now: start + sent)
        try await run(queue, try wait(lookBack: 100), at: 600)
        #expect(try await queue.state("a") == (found ? .queued : .scheduled))
        #expect(try await step(queue) == (found ? "1" : nil))
        try await expectInvariants(queue)
    }

    @Test func whatWasSentDuringTheAttemptCounts() async throws {
        let queue = try await added()
        let claim = try #require(try await queue.take(by: "w", now: start).first)
        try await queue.signal("go", now: start + 1)
        _ = try await queue.settle([Settled(claim, try wait())], by: "w", now: start + 5000)
        #expect(try await queue.state("a") == .queued)
        try await expectNoWait(queue)
    }

    @Test func aSignalForOneJobIsKeptWithIt() async throws {
        let queue = try await added()
        try await queue.enqueue([try job("b")], now: start)
        #expect(try await queue.signal("go", job: .of("a"), payload: [0x31], now: start) == 0)
        let outcome = try wait()
        let claims = try await queue.take(2, by: "w", now: start + 5000)
        _ = try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start + 5000)
        #expect(try await queue.state("a") == .queued)
        #expect(try await queue.state("b") == .scheduled, "it is not for the other one")
        #expect(try await step(queue) == "1")
        #expect(try await queue.command("HEXISTS", "job:a", "g:go").int == 0)
        try await expectInvariants(queue)
    }

    @Test(arguments: [false, true]) func aSignalIsNotKeptLongerThanSaid(forOne: Bool) async throws {
        let queue = try await added()
        try await queue.signal("go", job: forOne ? .of("a") : nil, keep: .seconds(60), now: start)
        try await run(queue, try wait(timeout: 90_000, lookBack: 90_000), at: 60_000)
        #expect(try await queue.state("a") == .scheduled)
    }

    @Test(arguments: [false, true]) func aSignalThatIsNotKeptIsForThoseThatWaitNow(forOne: Bool) async throws {
        let queue = try await added()
        try await queue.signal("go", job: forOne ? .of("a") : nil, keep: .zero, now: start)
        try await run(queue, try wait(lookBack: 1000))
        #expect(try await queue.state("a") == .scheduled)
        #expect(try await queue.signal("go", job: forOne ? .of("a") : nil, keep: .zero, now: start) == 1)
        try await expectNoWait(queue)
    }

    @Test func theNewerOfTwoKeptSignalsWins() async throws {
        let queue = try await added()
        for payload: UInt8 in [0x31, 0x32] { try await queue.signal("go", payload: [payload], now: start) }
        try await run(queue, try wait())
        #expect(try await step(queue) == "2")
    }

    @Test func aSignalThatComesBetweenTwoAttemptsIsNotMissed() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        try await queue.retry(.of("a"), now: start + 1)
        try await queue.signal("go", now: start + 2)
        try await run(queue, try wait(), at: 500)
        #expect(try await queue.state("a") == .queued)
        #expect(try await step(queue) == "")
    }
}
