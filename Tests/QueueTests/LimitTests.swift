import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct LimitTests {
    private func limited(_ part: String, _ keys: String..., priority: Priority = .default, cost: Int = 1) throws
        -> NewJob
    {
        try job(part, options: JobOptions(priority: priority, limits: keys.map { LimitUse($0, cost: cost) }))
    }

    private func queue(_ key: String = "k", _ limit: Limit? = nil) async throws -> Queue {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(100_000), now: start)
        if let limit { try await queue.setLimit(key, to: limit, now: start) }
        return queue
    }

    private func take(_ queue: Queue, _ count: Int = 100, at ms: Int) async throws -> [String] {
        try await queue.take(count, by: "w", now: start + ms).map { String($0.id.text.dropFirst("default.".count)) }
    }

    private func quiet(_ queue: Queue, at ms: Int) async throws -> Int {
        try await queue.reserve(upTo: 100, by: "w", now: start + ms).quietFor.milliseconds
    }

    @Test func permitsOfASpacedKeyAreAtLeastTheIntervalApart() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.milliseconds(100))))
        try await queue.enqueue(try (0..<5).map { try limited("j\($0)", "k") }, now: start)
        var taken: [Int] = []
        for ms in stride(from: 0, through: 450, by: 7) where try await !take(queue, at: ms).isEmpty { taken.append(ms) }
        #expect(taken.count == 5)
        #expect(zip(taken, taken.dropFirst()).allSatisfy { $1 - $0 >= 99 })
        try await expectInvariants(queue)
    }

    @Test func aSleepingWorkerIsToldWhenTheNextPermitIsThere() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.milliseconds(100))))
        try await queue.enqueue([try limited("a", "k"), try limited("b", "k")], now: start)
        #expect(try await take(queue, at: 0) == ["a"])
        #expect(try await quiet(queue, at: 30) == 70)
        #expect(try await take(queue, at: 99) == [])
        #expect(try await take(queue, at: 100) == ["b"])
        try await expectInvariants(queue)
    }

    @Test func whoComesAMomentLateDoesNotPutOffTheOthers() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.milliseconds(100))))
        try await queue.enqueue(try (0..<4).map { try limited("j\($0)", "k") }, now: start)
        #expect(try await take(queue, at: 0) == ["j0"])
        #expect(try await take(queue, at: 101) == ["j1"], "a millisecond late")
        #expect(try await take(queue, at: 199) == [])
        #expect(try await take(queue, at: 202) == ["j2"], "two milliseconds late")
        #expect(try await take(queue, at: 301) == [])
        #expect(try await take(queue, at: 302) == ["j3"])
    }

    @Test func aJobsKeyIsNoClass() throws {
        #expect(throws: QueueError.self) { try limited("a", "tenant:*") }
        #expect(throws: QueueError.self) { try limited("a", "*") }
    }

    @Test func aBurstIsGivenAtOnceAfterAPause() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.milliseconds(100), burst: 3)))
        try await queue.enqueue(try (0..<6).map { try limited("j\($0)", "k") }, now: start)
        #expect(try await take(queue, at: 1000) == ["j0", "j1", "j2"])
        #expect(try await take(queue, at: 1099) == [])
        #expect(try await take(queue, at: 1100) == ["j3"])
        #expect(try await take(queue, at: 1300) == ["j4", "j5"])
    }

    @Test func aWindowHasAtMostItsCount() async throws {
        let queue = try await queue("k", Limit(rate: .window(2, per: .seconds(1))))
        try await queue.enqueue(try (0..<6).map { try limited("j\($0)", "k") }, now: start)
        #expect(try await take(queue, at: 0) == ["j0", "j1"])
        #expect(try await take(queue, at: 999) == [])
        #expect(try await take(queue, at: 1500) == ["j2", "j3"])
        #expect(try await take(queue, at: 2499) == [])
        #expect(try await take(queue, at: 2500) == ["j4", "j5"])
    }

    @Test func aCostTakesSeveralPermits() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.milliseconds(100))))
        try await queue.enqueue([try limited("big", "k", cost: 5), try limited("small", "k")], now: start)
        #expect(try await take(queue, at: 0) == ["big"])
        #expect(try await take(queue, at: 499) == [])
        #expect(try await take(queue, at: 500) == ["small"])
    }

    @Test func nothingBehindAParkedJobIsBlocked() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.seconds(10))))
        try await queue.enqueue(
            [try limited("a", "k"), try limited("b", "k"), try limited("other", "free"), try job("plain")], now: start)
        #expect(try await Set(take(queue, at: 0)) == ["a", "other", "plain"])
        #expect(try await queue.status(.of("b")).waitsFor == "k")
        #expect(try await queue.status(.of("b")).state == .queued)
        #expect(try await queue.stats(now: start).queue.queued == 1)
        #expect(try await queue.limits(now: start).map(\.parked) == [0, 1].suffix(1))
        try await expectInvariants(queue)
    }

    @Test func prioritiesHoldInAGateAndBeforeLists() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.milliseconds(100))))
        try await queue.enqueue(
            [
                try limited("low", "k", priority: .low), try limited("default", "k"),
                try limited("critical", "k", priority: .critical), try job("plain"),
                try job("high", options: JobOptions(priority: .high)),
            ], now: start)
        #expect(try await take(queue, at: 0) == ["critical", "high", "plain"])
        #expect(try await take(queue, at: 100) == ["default"])
        #expect(try await take(queue, at: 200) == ["low"])
    }

    @Test func aConcurrencyLimitCountsLiveClaims() async throws {
        let queue = try await queue("k", Limit(atOnce: 2))
        try await queue.enqueue(try (0..<5).map { try limited("j\($0)", "k") }, now: start)
        let first = try await queue.take(100, by: "w", now: start)
        #expect(first.count == 2)
        #expect(try await take(queue, at: 1) == [])
        try await queue.command("DEL", "bell")
        _ = try await queue.settle([Settled(first[0], .success)], by: "w", now: start + 2)
        #expect(try await queue.command("ZCARD", "bell").int == 1, "a worker is woken for the free place")
        #expect(try await take(queue, at: 2) == ["j2"])
        #expect(try await take(queue, at: 2) == [])
        #expect(try await queue.limits(now: start).first?.running == 2)
        try await expectInvariants(queue)
    }

    /// Whatever becomes of a running job, its place is free.
    @Test(arguments: [
        Outcome.success, .failed(failure, delay: .seconds(9)), .dead(failure), .snoozed(delay: .seconds(9)),
        .cancelled(failure), .released, .unclaimed(delay: .seconds(9)), .waiting,
    ])
    func everyOutcomeFreesThePlace(outcome: Outcome) async throws {
        let queue = try await queue("k", Limit(atOnce: 1))
        try await queue.enqueue([try limited("a", "k"), try limited("b", "k")], now: start)
        let claim = try #require(try await queue.take(by: "w", now: start).first)
        _ = try await queue.settle([Settled(claim, outcome)], by: "w", now: start)
        #expect(try await take(queue, at: 0) == (outcome == .released ? ["a"] : ["b"]))
        try await expectInvariants(queue)
    }

    @Test func aDeadWorkerAndALeavingOneFreeTheirPlaces() async throws {
        let queue = try await queue("k", Limit(atOnce: 1))
        try await queue.enqueue([try limited("a", "k"), try limited("b", "k")], now: start)
        try await queue.join("dies", lease: .seconds(1), now: start)
        #expect(try await queue.take(by: "dies", now: start).count == 1)
        #expect(try await take(queue, at: 500) == [])
        let again = try await queue.take(by: "w", now: start + 1000)
        #expect(again.map(\.id) == [.of("a")], "it keeps its turn")
        #expect(again.map(\.attempt) == [2])
        try await queue.leave("w", now: start + 1000)
        try await queue.join("w2", lease: .seconds(1000), now: start + 1000)
        #expect(try await queue.take(100, by: "w2", now: start + 1000).map(\.id) == [.of("a")])
        try await expectInvariants(queue)
    }

    @Test func aJobWithTwoKeysTakesBothOrNone() async throws {
        let queue = try await queue("rate", Limit(rate: .spaced(.seconds(1))))
        try await queue.setLimit("slots", to: Limit(atOnce: 1), now: start)
        try await queue.enqueue(
            [try limited("a", "rate", "slots"), try limited("b", "slots", "rate"), try limited("c", "rate", "slots")],
            now: start)
        let first = try await queue.take(100, by: "w", now: start)
        #expect(first.map(\.id) == [.of("a")])
        // A place gets free before the next permit: nothing is held meanwhile.
        _ = try await queue.settle([Settled(first[0], .success)], by: "w", now: start + 100)
        #expect(try await take(queue, at: 100) == [])
        #expect(try await queue.command("EXISTS", "held:slots").int == 0)
        try await queue.enqueue([try limited("d", "slots")], now: start + 200)
        #expect(try await take(queue, at: 200) == ["d"])
        try await expectInvariants(queue)
        _ = try await queue.settle(
            [Settled(try #require(try await queue.resync(by: "w", number: 1, now: start + 300).first), .success)],
            by: "w",
            now: start + 300)
        #expect(try await queue.reserve(upTo: 9, by: "w", resyncs: 1, now: start + 1000).claims.count == 1)
        try await expectInvariants(queue)
    }

    @Test func removingOrLooseningALimitFreesWhatIsParkedAtOnce() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.seconds(3600))))
        try await queue.enqueue(
            [try limited("a", "k"), try limited("b", "k", priority: .low), try limited("c", "k")], now: start)
        #expect(try await take(queue, at: 0) == ["a"])
        try await queue.setLimit("k", to: Limit(rate: .spaced(.milliseconds(500))), now: start + 10)
        #expect(try await take(queue, at: 510) == ["c"])
        try await queue.removeLimit("k", now: start + 520)
        #expect(try await take(queue, at: 520) == ["b"])
        #expect(try await queue.command("EXISTS", "gates").int == 0)
        #expect(try await queue.command("HEXISTS", "meta", "gated").int == 0)
        try await expectInvariants(queue)
    }

    @Test func aHandlerMayPauseAKeyForAll() async throws {
        let queue = try await queue()
        try await queue.enqueue([try limited("a", "k"), try limited("b", "k")], now: start)
        let claim = try #require(try await queue.take(by: "w", now: start).first)
        _ = try await queue.settle([Settled(claim, .snoozed(delay: .seconds(5), pausing: "k"))], by: "w", now: start)
        #expect(try await take(queue, at: 4999) == [])
        #expect(try await quiet(queue, at: 4999) == 1)
        #expect(try await queue.limits(now: start).first?.pausedUntil == start + 5000)
        #expect(try await Set(take(queue, at: 5000)) == ["a", "b"])
        try await expectInvariants(queue)
    }

    @Test func ofTwoPausesTheLongerOneHolds() async throws {
        let queue = try await queue("k", Limit(atOnce: 10))
        try await queue.enqueue([try limited("a", "k"), try limited("b", "k")], now: start)
        for (claim, delay) in zip(try await queue.take(2, by: "w", now: start), [5, 2]) {
            _ = try await queue.settle(
                [Settled(claim, .snoozed(delay: .seconds(delay), pausing: "k"))], by: "w", now: start)
        }
        #expect(try await queue.limits(now: start).first?.pausedUntil == start + 5000)
    }

    @Test func aHandlerGetsPermitsWhileItsJobHoldsThePlace() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.seconds(1)), atOnce: 1))
        try await queue.enqueue([try limited("a", "k")], now: start)
        #expect(try await take(queue, at: 0) == ["a"])
        #expect(try await queue.permit(LimitUse("k"), now: start).at == start + 1000)
    }

    @Test func aPermitIsForAMomentIfThereIsNoBurst() async throws {
        let queue = try await queue()
        let rates: [(String, Limit.Rate, Bool)] = [
            ("spaced", .spaced(.seconds(1)), true), ("burst", .spaced(.seconds(1), burst: 2), false),
            ("window", .window(1, per: .seconds(1)), false),
        ]
        for (key, rate, isSpaced) in rates {
            try await queue.setLimit(key, to: Limit(rate: rate), now: start)
            try await queue.enqueue([try limited(key, "free", key)], now: start)
            #expect(try await queue.take(by: "w", now: start).map(\.isSpaced) == [isSpaced])
            #expect(try await queue.permit(LimitUse(key), now: start).isSpaced == isSpaced)
        }
    }

    @Test func handlersAndJobsShareTheRate() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.seconds(1))))
        #expect(try await queue.permit(LimitUse("k"), now: start).wait == .zero)
        #expect(try await queue.permit(LimitUse("k"), now: start).wait == .seconds(1))
        try await queue.enqueue([try limited("a", "k")], now: start)
        #expect(try await take(queue, at: 1999) == [])
        #expect(try await take(queue, at: 2000) == ["a"])
        // A pause after the permit was taken, before it is used.
        let taken = try await queue.permit(LimitUse("k"), now: start + 2000)
        #expect(taken.at == start + 3000)
        try await queue.enqueue([try limited("b", "other")], now: start)
        let claim = try #require(try await queue.take(by: "w", now: start + 2000).first)
        _ = try await queue.settle(
            [Settled(claim, .snoozed(delay: .seconds(60), pausing: "k"))], by: "w", now: start + 2000)
        #expect(try await queue.permit(LimitUse("k"), taken: taken, now: start + 3000).at == start + 62_000)
        #expect(try await queue.permit(LimitUse("free"), now: start).wait == .zero)
    }

    @Test func aClassLimitsEachOfItsKeysByItself() async throws {
        let queue = try await queue("tenant:*", Limit(rate: .spaced(.seconds(1))))
        try await queue.setLimit("tenant:big", to: Limit(rate: .spaced(.milliseconds(10))), now: start)
        try await queue.enqueue(
            try ["1", "1", "2", "big", "big"].enumerated().map { try limited("\($1)-\($0)", "tenant:\($1)") },
            now: start)
        #expect(try await Set(take(queue, at: 0)) == ["1-0", "2-2", "big-3"])
        #expect(try await take(queue, at: 10) == ["big-4"])
        try await queue.removeLimit("tenant:*", now: start + 20)
        #expect(try await take(queue, at: 20) == ["1-1"])
    }

    @Test func parkedJobsCanBeCancelledAndExpire() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.seconds(100))))
        let late = JobOptions(expiry: .after(.seconds(1)), limits: [LimitUse("k")])
        try await queue.enqueue(
            [try limited("a", "k"), try limited("b", "k"), try job("c", options: late)], now: start)
        #expect(try await take(queue, at: 0) == ["a"])
        #expect(try await queue.cancel(.of("b"), now: start) == .queued)
        #expect(try await queue.command("EXISTS", "tombstones").int == 0)
        _ = try await take(queue, at: 1000)
        #expect(try await queue.state("c") == .expired)
        #expect(try await queue.command("EXISTS", "gates").int == 0)
        try await expectInvariants(queue)
        try await queue.retry(.of("b"), now: start + 1000)
        #expect(try await queue.status(.of("b")).waitsFor == "k")
        #expect(try await take(queue, at: 100_000) == ["b"])
        try await expectInvariants(queue)
    }

    @Test func aDelayedJobGoesToItsGateWhenItIsDue() async throws {
        let queue = try await queue("k", Limit(atOnce: 1))
        let options = JobOptions(start: .after(.seconds(1)), limits: [LimitUse("k")])
        try await queue.enqueue([try limited("a", "k"), try job("later", options: options)], now: start)
        #expect(try await take(queue, at: 0) == ["a"])
        #expect(try await take(queue, at: 1000) == [])
        #expect(try await queue.status(.of("later")).waitsFor == "k")
        try await expectInvariants(queue)
    }

    @Test func aJobThatAnOlderWorkerPutIntoAListGoesBackToItsGate() async throws {
        let queue = try await queue("k", Limit(rate: .spaced(.seconds(10))))
        try await queue.enqueue([try limited("a", "k"), try limited("b", "k")], now: start)
        try await queue.command("ZREM", "gate:k", JobID.of("b").key)
        try await queue.command("HINCRBY", "meta", "parked", "-1")
        try await queue.command("LPUSH", "queued:2", JobID.of("b").key)
        #expect(try await take(queue, at: 0) == ["a"])
        #expect(try await queue.status(.of("b")).waitsFor == "k")
        #expect(try await take(queue, at: 10_000) == ["b"])
        try await expectInvariants(queue)
    }

    @Test func parkedJobsDoNotBusyAWorker() async throws {
        let queue = try await queue("k", Limit(atOnce: 1))
        try await queue.enqueue([try limited("a", "k"), try limited("b", "k")], now: start)
        #expect(try await take(queue, at: 0) == ["a"])
        #expect(try await quiet(queue, at: 1) > 1000)
        try await queue.pause()
        #expect(try await quiet(queue, at: 2) > 1000)
    }

    @Test func aThousandParkedKeysAreNotLookedAt() async throws {
        let queue = try await queue("tenant:*", Limit(rate: .spaced(.seconds(100))))
        for part in 0..<2 {
            try await queue.enqueue(try (0..<1000).map { try limited("\(part)-\($0)", "tenant:\($0)") }, now: start)
        }
        var taken = 0
        for ms in 0..<20 { taken += try await take(queue, at: ms).count }
        #expect(taken == 1000)
        #expect(try await queue.stats(now: start).queue.queued == 1000)
        #expect(try await quiet(queue, at: 30) > 1000)
        try await expectInvariants(queue)
    }

    @Test func parkedJobsAreListedAsQueuedGateByGateInPages() async throws {
        let queue = try await queue("*", Limit(atOnce: 1))
        try await queue.enqueue([try job("plain")], now: start)
        for key in ["b", "a"] {
            try await queue.enqueue(try (0..<3).map { try limited("\(key)\($0)", key) }, now: start)
        }
        for limit in [1, 2, 4, 100] {
            var ids: [JobID] = []
            var offset: Int? = 0
            while let at = offset {
                let page = try await queue.list(.queued, offset: at, limit: limit)
                ids += page.ids
                offset = page.next
            }
            #expect(ids == ["plain", "a0", "a1", "a2", "b0", "b1", "b2"].map(JobID.of), "pages of \(limit)")
        }
        #expect(try await queue.stats(now: start).queue.parked == 6)
    }

    @Test func aKeyIsReadByTheNameThatProducersGaveIt() async throws {
        let queue = try await queue("a b/c", Limit(atOnce: 2))
        #expect(try await queue.limits(now: start).map(\.key) == ["a%20b%2Fc"])
        let read = try #require(try await queue.limit("a b/c", now: start))
        #expect(read.name == "a b/c")
        #expect(read.limit == Limit(atOnce: 2))
        #expect(try await queue.limit("other", now: start) == nil)
        try await queue.enqueue([try limited("x", "other")], now: start)
        #expect(try await queue.limit("other", now: start)?.parked == 1)
        #expect(try await queue.limits(limit: 1, now: start).map(\.name) == ["a b/c"], "those with limits come first")
        #expect(try await queue.limits(now: start).map(\.name) == ["a b/c", "other"])
    }

    @Test(arguments: [
        (Limit(), "limit"), (Limit(atOnce: 0), "atOnce"), (Limit(rate: .spaced(.zero)), "everySeconds"),
        (Limit(rate: .spaced(.seconds(1), burst: 0)), "burst"), (Limit(rate: .window(0, per: .seconds(1))), "count"),
        (Limit(rate: .window(1, per: .seconds(100_000))), "perSeconds"),
    ])
    func whatIsOutOfRangeIsRefusedByName(limit: Limit, field: String) async throws {
        let queue = try await makeQueue()
        let error = await #expect(throws: QueueError.self) { try await queue.setLimit("k", to: limit) }
        guard case .field(let refused) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(refused.field == field)
    }

    @Test(arguments: [
        [LimitUse("")], [LimitUse(String(repeating: "k", count: 129))], [LimitUse("k", cost: 0)],
        [LimitUse("k"), LimitUse("k")], (0..<9).map { LimitUse("k\($0)") },
    ])
    func badKeysOfAJobAreRefused(limits: [LimitUse]) {
        #expect(throws: QueueError.self) { try job("a", options: JobOptions(limits: limits)) }
    }
}
