import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct CollectTests {
    private func member(
        _ part: String, _ key: String = "k", upTo: Int = 3, within: Int = 100, priority: Priority = .default,
        expiry: JobOptions.Start? = nil
    ) throws -> NewJob {
        let collect = Collect(key, upTo: upTo, within: .milliseconds(within))
        return try job(part, options: JobOptions(priority: priority, expiry: expiry, collect: collect))
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

    private func take(_ queue: Queue, _ slots: Int = 10, by worker: String = "w", at ms: Int) async throws -> [Claim] {
        try await queue.take(slots, by: worker, now: start + ms)
    }

    @Test func jobsAreTakenTogetherAsSoonAsEnoughWait() async throws {
        let queue = try await queue(member("a"), member("b"))
        #expect(try await take(queue, at: 0).isEmpty)
        try await expectInvariants(queue)
        try await queue.enqueue([try member("c"), try member("d")], now: start + 1)
        let claims = try await take(queue, 1, at: 1)
        #expect(parts(claims) == ["a", "b", "c"])
        #expect(Set(claims.map(\.batch)).count == 1)
        #expect(claims[0].batch != nil)
        #expect(claims.map(\.attempt) == [1, 1, 1])
        #expect(Reserved(claims: claims, now: 0, quietFor: .zero).slots == 1)
        try await expectInvariants(queue)
        let refused = try await queue.settle(claims.map { Settled($0, .success) }, by: "w", now: start + 1)
        #expect(refused.isEmpty)
        #expect(try await queue.status(.of("b")).state == .succeeded)
        try await expectInvariants(queue)
    }

    @Test func orWhenTheFirstHasWaitedLongEnough() async throws {
        let queue = try await queue(member("a"))
        try await queue.enqueue([try member("b")], now: start + 60)
        #expect(try await queue.reserve(upTo: 10, by: "w", now: start + 61).quietFor == .milliseconds(39))
        #expect(try await take(queue, at: 99).isEmpty)
        #expect(try await parts(take(queue, at: 100)) == ["a", "b"])
        #expect(try await queue.command("EXISTS", "gates").int == 0)
        try await expectInvariants(queue)
    }

    @Test func whatIsLeftOverWaitsFromWhenItCame() async throws {
        let queue = try await queue(member("a"), member("b"), member("c"))
        try await queue.enqueue([try member("d")], now: start + 40)
        #expect(try await parts(take(queue, at: 50)) == ["a", "b", "c"])
        #expect(try await queue.reserve(upTo: 10, by: "w", now: start + 50).quietFor == .milliseconds(90))
        #expect(try await parts(take(queue, at: 140)) == ["d"])
    }

    @Test func aBatchTakesOneSlot() async throws {
        let queue = try await queue()
        try await queue.enqueue(try (0..<7).map { try member("m\($0)") } + [try job("p"), try job("q")], now: start)
        let reserved = try await queue.reserve(upTo: 3, by: "w", now: start)
        #expect(reserved.claims.count(where: { $0.batch != nil }) >= 3)
        #expect(reserved.slots == 3)
        let rest = try await queue.reserve(upTo: 3, by: "w", now: start + 100)
        #expect(Set(parts(reserved.claims) + parts(rest.claims)).count == 9)
        #expect(rest.slots == 2)
        try await expectInvariants(queue)
    }

    @Test func typesAndKeysAreNotMixed() async throws {
        let other = try NewJob(
            "test.other", arguments: Array("{}".utf8), in: .default, id: .of("o"),
            options: JobOptions(collect: Collect("k", upTo: 3, within: .milliseconds(100))))
        let queue = try await queue(member("a"), member("b"), other, member("x", "l"))
        #expect(try await take(queue, at: 0).isEmpty)
        let claims = try await take(queue, at: 100)
        #expect(claims.count == 4)
        #expect(Set(claims.map(\.batch)).count == 3)
    }

    @Test func whatIsUrgentComesWithTheNextBatch() async throws {
        let queue = try await queue(member("a"), member("b"), member("c"), member("d", priority: .critical))
        #expect(try await parts(take(queue, 1, at: 0)) == ["d", "a", "b"])
    }

    @Test func theHeadDecidesHowManyAreTaken() async throws {
        let queue = try await queue(member("a", upTo: 2), member("b", upTo: 9), member("c", upTo: 3))
        let claims = try await take(queue, at: 0)
        #expect(parts(claims) == ["a", "b"])
        #expect(try await take(queue, at: 99).isEmpty)
    }

    @Test(arguments: [
        Outcome.released, .failed(failure, delay: .milliseconds(500)), .waiting, .unclaimed(delay: .zero),
    ])
    func membersComeBack(_ outcome: Outcome) async throws {
        let queue = try await queue(member("a"), member("b"), member("c"))
        let claims = try await take(queue, at: 0)
        #expect(try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start).isEmpty)
        try await expectInvariants(queue)
        let again = try await take(queue, at: 20_000)
        #expect(Set(parts(again)) == ["a", "b", "c"])
        #expect(again.allSatisfy { $0.attempt == 2 })
        #expect(Set(again.map(\.batch)).count == 1)
        try await expectInvariants(queue)
    }

    @Test func membersThatAreGivenBackWaitForNobody() async throws {
        let queue = try await queue(member("a"), member("b"), member("c"))
        let claims = try await take(queue, at: 0)
        #expect(try await queue.settle([Settled(claims[0], .released)], by: "w", now: start + 1).isEmpty)
        #expect(try await parts(take(queue, at: 1)) == ["a"])
    }

    @Test func theBatchOfADeadWorkerGoesToAnother() async throws {
        let queue = try await queue(member("a"), member("b"), member("c"), member("d"))
        try await queue.join("doomed", lease: .seconds(5), now: start)
        #expect(try await take(queue, by: "doomed", at: 0).count == 3)
        var next: [Claim] = []
        for ms in stride(from: 5000, to: 9000, by: 200) where next.isEmpty {
            next = try await take(queue, 1, at: ms)
        }
        #expect(Set(parts(next)).isSuperset(of: ["a", "b", "c"]) || parts(next) == ["d"])
        let rest = try await take(queue, 10, at: 9000)
        #expect(Set(parts(next) + parts(rest)) == ["a", "b", "c", "d"])
        try await expectInvariants(queue)
    }

    @Test func aLostReplyIsFoundWithItsBatches() async throws {
        let queue = try await queue(member("a"), member("b"), member("c"), member("x", "l", upTo: 1))
        let claims = try await take(queue, at: 0)
        let found = try await queue.resync(by: "w", number: 1, now: start)
        #expect(Set(found.map(\.token)) == Set(claims.map(\.token)))
        #expect(Set(found.map(\.batch)).count == 2)
        #expect(Reserved(claims: found, now: 0, quietFor: .zero).slots == 2)
    }

    @Test func aMemberIsCancelledOrExpires() async throws {
        let queue = try await queue(member("a"), member("b", expiry: .after(.milliseconds(50))), member("c", upTo: 9))
        _ = try await queue.cancel(.of("a"), now: start)
        #expect(try await queue.status(.of("a")).state == .cancelled)
        try await expectInvariants(queue)
        #expect(try await parts(take(queue, at: 100)) == ["c"])
        #expect(try await queue.status(.of("b")).state == .expired)
        try await queue.retry(.of("a"), now: start + 100)
        #expect(try await take(queue, at: 199).isEmpty)
        #expect(try await parts(take(queue, at: 200)) == ["a"])
        try await expectInvariants(queue)
    }

    @Test func aBatchIsNoLargerThanMayRunInTheQueue() async throws {
        let queue = try await queue(member("a"), member("b"), member("c"), job("plain"))
        var config = QueueConfig()
        try config.set(.maxRunning, to: 2)
        _ = try await queue.configure(config)
        #expect(try await take(queue, at: 0).count == 2)
        #expect(try await take(queue, at: 1).isEmpty)
    }

    @Test func aDestroyedMemberDiesAndTheOthersRun() async throws {
        let queue = try await queue(member("a"), member("b"), member("c"))
        try await queue.command("DEL", "job:a")
        var taken = try await take(queue, at: 0)
        taken += try await take(queue, at: 100)
        #expect(Set(parts(taken)) == ["b", "c"])
        #expect(try await queue.status(.of("a")).state == .dead)
    }

    @Test func whatAJobWaitsForIsShown() async throws {
        let queue = try await queue(member("a"))
        #expect(try await queue.status(.of("a")).waitsFor == "collect:test.noop:k")
        #expect(try await queue.status(.of("a")).state == .queued)
        #expect(try await queue.list(.queued).ids == [.of("a")])
        #expect(try await queue.limits() == [], "it waits for no limit")
        #expect(try await queue.stats(now: start).queue.parked == 1)
    }

    @Test func whatContradictsItIsRefused() throws {
        let collect = Collect("k", upTo: 3, within: .seconds(1))
        let wrong = [
            JobOptions(tenant: "t", collect: collect), JobOptions(limits: [LimitUse("k")], collect: collect),
            JobOptions(sequence: JobSequence("k"), collect: collect),
            JobOptions(debounce: Debounce("k", delay: .seconds(1)), collect: collect),
            JobOptions(collect: Collect("", upTo: 3, within: .seconds(1))),
            JobOptions(collect: Collect("k", upTo: 0, within: .seconds(1))),
            JobOptions(collect: Collect("k", upTo: 1001, within: .seconds(1))),
            JobOptions(collect: Collect("k", upTo: 3, within: .seconds(86_401))),
        ]
        for options in wrong { #expect(throws: QueueError.self) { try job("a", options: options) } }
    }

    @Test func manyAreTakenInSeveralCalls() async throws {
        let queue = try await queue()
        for part in 0..<4 {
            try await queue.enqueue(
                try (0..<1000).map { try member("m\(part * 1000 + $0)", upTo: 1000, within: 0) }, now: start)
        }
        let first = try await queue.reserve(upTo: 1000, by: "w", now: start)
        #expect(first.claims.count == 3000)
        #expect(first.slots == 3)
        let second = try await queue.reserve(upTo: 1000, by: "w", now: start)
        #expect(second.claims.count == 1000)
        try await expectInvariants(queue)
    }
}
