import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// The checker that ends all other tests: it must name each thing that can be wrong.
@Suite(.redis) struct VerifyTests {
    /// Changes of keys by hand, and the kind of what must be found.
    enum Harm: String, CaseIterable {
        case listedTwice, listedAndScheduled, lostFromItsList, deadButQueued, outcomeWhileItRuns, unlistedEnd
        case claimedTwice, attemptZero, attemptGoesBack, garbledClaim, untoldCancellation, orphanClaims
        case noRecord, wrongType, noPayload, garbledPayload, garbledOutcome, garbledCounts
        case enqueuedTotal, succeededTotal, doneBytes, deadBytes, quietUntil
        case keyOfAnEndedJob, keyTaken, keyWithoutEnd
        case expiringWhileItRuns, expiringAtAnotherTime
        case orphanTombstone, orphanWorker, orphanCancels, orphanRetried
        case unknownKey, fifthList

        var kind: VerifyFinding.Kind {
            switch self {
            case .listedTwice, .listedAndScheduled, .lostFromItsList, .deadButQueued, .outcomeWhileItRuns, .unlistedEnd,
                .claimedTwice, .noRecord:
                .place
            case .attemptZero, .attemptGoesBack, .garbledClaim, .untoldCancellation: .claim
            case .wrongType, .noPayload, .garbledPayload, .garbledOutcome, .garbledCounts: .record
            case .enqueuedTotal, .succeededTotal, .doneBytes, .deadBytes, .quietUntil: .counter
            case .keyOfAnEndedJob, .keyTaken, .keyWithoutEnd: .key
            case .expiringWhileItRuns, .expiringAtAnotherTime: .expiry
            case .orphanClaims, .orphanTombstone, .orphanWorker, .orphanCancels, .orphanRetried: .orphan
            case .unknownKey, .fifthList: .unknown
            }
        }

        func apply(_ queue: Queue) async throws {
            func redis(_ verb: StaticString, _ key: String, _ arguments: [String]) async throws {
                var command = RedisCommand(verb, arguments: 1 + arguments.count)
                command.append(queue.base + key)
                for argument in arguments { command.append(argument) }
                let reply = try await queue.send(command)
                if case .error(let message) = reply { Issue.record("\(message)") }
            }
            switch self {
            case .listedTwice: try await redis("LPUSH", "queued:1", ["ph:{default}:job:queued"])
            case .listedAndScheduled: try await redis("ZADD", "scheduled", ["1", "ph:{default}:job:queued"])
            case .lostFromItsList: try await redis("LREM", "queued:2", ["1", "ph:{default}:job:queued"])
            case .deadButQueued: try await redis("LPUSH", "queued:2", ["ph:{default}:job:dead"])
            case .outcomeWhileItRuns: try await redis("HSET", "job:running", ["r", "succeeded 5 1|5 w\n"])
            case .unlistedEnd: try await redis("ZREM", "dead", ["ph:{default}:job:dead"])
            case .claimedTwice:
                try await queue.join("w2", lease: .seconds(100), now: start)
                try await redis("HSET", "claims:w2", ["ph:{default}:job:running", "2|5"])
            case .attemptZero: try await redis("HSET", "claims:w", ["ph:{default}:job:running", "0|5"])
            case .attemptGoesBack: try await redis("HSET", "job:running", ["a", "7 0 0"])
            case .garbledClaim: try await redis("HSET", "claims:w", ["ph:{default}:job:running", "x"])
            case .untoldCancellation: try await redis("HSET", "job:running", ["cancel", "1"])
            case .orphanClaims: try await redis("HSET", "claims:gone", ["ph:{default}:job:queued", "1|5"])
            case .noRecord: try await redis("DEL", "job:queued", [])
            case .wrongType: try await redis("SET", "job:queued", ["x"])
            case .noPayload: try await redis("HDEL", "job:retrying", ["b"])
            case .garbledPayload: try await redis("HSET", "job:queued", ["b", "x"])
            case .garbledOutcome: try await redis("HSET", "job:dead", ["r", "dead"])
            case .garbledCounts: try await redis("HSET", "job:queued", ["a", "1 2"])
            case .enqueuedTotal: try await redis("HINCRBY", "totals", ["enqueued", "1"])
            case .succeededTotal: try await redis("HINCRBY", "totals", ["pruned:succeeded", "1"])
            case .doneBytes: try await redis("HINCRBY", "meta", ["doneBytes", "1"])
            case .deadBytes: try await redis("HINCRBY", "meta", ["deadBytes", "-1"])
            case .quietUntil: try await redis("HSET", "meta", ["quietUntil", "9999999999999"])
            case .keyOfAnEndedJob: try await redis("HSET", "keyed", ["ph:{default}:job:dead", "k"])
            case .keyTaken: try await redis("SET", "key:k", ["ph:{default}:job:queued"])
            case .keyWithoutEnd: try await redis("SET", "key:other", ["ph:{default}:job:dead"])
            case .expiringWhileItRuns: try await redis("ZADD", "expiring", ["5", "ph:{default}:job:running"])
            case .expiringAtAnotherTime: try await redis("ZADD", "expiring", ["5", "ph:{default}:job:scheduled"])
            case .orphanTombstone: try await redis("SADD", "tombstones", ["ph:{default}:job:nobody"])
            case .orphanWorker: try await redis("SET", "worker:gone", ["{}"])
            case .orphanCancels: try await redis("SADD", "cancels:w", ["ph:{default}:job:queued"])
            case .orphanRetried: try await redis("HSET", "revived", ["ph:{default}:job:queued", "1"])
            case .unknownKey: try await redis("SET", "something", ["x"])
            case .fifthList: try await redis("LPUSH", "queued:4", ["ph:{default}:job:nobody"])
            }
        }
    }

    /// A queue with jobs in all states and nothing wrong.
    private func sound() async throws -> Queue {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(100), now: start)
        let outcomes: [(String, Outcome?)] = [
            ("done", .success), ("dead", .dead(failure)), ("retrying", .failed(failure, delay: .seconds(9))),
            ("unclaimed", .unclaimed(delay: .seconds(9))), ("running", nil),
        ]
        try await queue.enqueue(try outcomes.map { try job($0.0) }, now: start)
        let claims = try await queue.take(5, by: "w", now: start)
        _ = try await queue.settle(
            zip(claims, outcomes).compactMap { claim, outcome in outcome.1.map { Settled(claim, $0) } }, by: "w",
            now: start)
        try await queue.enqueue(
            [
                try job("queued"), try job("cancelled"), try job("revived"), try job("again"),
                try job("keyed", options: JobOptions(key: IdempotencyKey("k"))),
                try job("scheduled", options: JobOptions(start: .after(.seconds(9)), expiry: .after(.seconds(99)))),
            ], now: start)
        for part in ["cancelled", "revived", "again"] { try await queue.cancel(.of(part), now: start) }
        for part in ["revived", "again"] { try await queue.retry(.of(part), now: start) }
        try await queue.cancel(.of("again"), now: start + 1)
        return queue
    }

    @Test func aSoundQueueHasNoFindings() async throws {
        let queue = try await sound()
        #expect(try await queue.verify() == [])
    }

    @Test(arguments: Harm.allCases) func findsWhatIsWrong(harm: Harm) async throws {
        let queue = try await sound()
        try await harm.apply(queue)
        let found = try await queue.verify()
        #expect(found.contains { $0.kind == harm.kind }, "\(found)")
        #expect(found.count <= 3, "and not much else: \(found)")
        #expect(found.allSatisfy { $0.id != nil || $0.key != nil })
    }

    /// Workers go on while the checker reads: a job on its way from one place to the next is no finding.
    @Test func aBusyQueueRaisesNoFalseAlarm() async throws {
        let queue = try await makeQueue()
        let other = try await makeQueue()
        try await queue.enqueue(try (0..<400).map { try job("first\($0)") }, now: start)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var random = SeededRandom(1)
                try await other.join("w", lease: .seconds(10_000_000), now: start)
                for round in 1...400 where !Task.isCancelled {
                    let jobs = try (0..<20).map { try job("j\(round)-\($0)") }
                    try await other.enqueue(jobs, now: start + round)
                    let claims = try await other.take(30, by: "w", now: start + round)
                    let outcomes = claims.map { Settled($0, random.pick(SettleTests.all)) }
                    _ = try await other.settle(outcomes, by: "w", now: start + round)
                    try await other.cancel(jobs[3].id, now: start + round)
                    _ = try? await other.retry(jobs[random.below(4)].id, now: start + round)
                }
            }
            for _ in 0..<15 {
                let found = try await queue.verify()
                #expect(found.isEmpty)
            }
            group.cancelAll()
        }
        try await expectInvariants(queue)
    }

    @Test(arguments: [
        "totals", "meta", "keyed", "revived", "tombstones", "scheduled", "retrying", "unclaimed", "expiring", "dead",
        "workers", "bell", "done", "queued:0", "queued:3",
    ])
    func namesAKeyOfAnotherType(key: String) async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        try await queue.command("SET", key, "x")
        let found = try await queue.verify()
        #expect(found.map(\.key) == [queue.base + key])
        #expect(found.map(\.kind) == [.unknown])
    }

    @Test func queuesOfOneServerAreToldApart() async throws {
        let queue = try await makeQueue("a")
        let other = try await makeQueue("ab")
        try await other.enqueue([try NewJob("t", arguments: [], in: other.name)], now: start)
        try await other.command("SET", "something", "x")
        #expect(try await queue.verify() == [])
        #expect(try await other.verify().count == 1)
    }
}
