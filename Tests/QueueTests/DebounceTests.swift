import Foundation
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct DebounceTests {
    /// Waits for 5 s, at most for 12 s.
    private func debounced(
        _ part: String, _ arguments: String = "{}", key: String = "page 7", options: JobOptions = JobOptions()
    ) throws -> NewJob {
        var options = options
        options.debounce = Debounce(key, delay: .seconds(5), maxWait: .seconds(12))
        return try job(part, options: options, arguments: arguments)
    }

    private func due(_ queue: Queue, _ part: String) async throws -> Int? {
        try await queue.command("ZSCORE", "scheduled", JobID.of(part).key).string.flatMap { Int($0) }
    }

    private func arguments(_ queue: Queue, _ part: String) async throws -> String? {
        try await queue.status(.of(part)).body.map { String(decoding: $0.arguments.bytes, as: UTF8.self) }
    }

    @Test func theLastOneReplacesTheOneThatWaits() async throws {
        let queue = try await makeQueue()
        let first = try debounced("a", #"{"n":1}"#)
        let last = try debounced("b", #"{"n":2}"#, options: JobOptions(priority: .high, maxAttempts: 3))
        #expect(try await queue.enqueue([first], now: start) == [.stored(.of("a"))])
        #expect(try await queue.enqueue([last], now: start + 1000) == [.existing(.of("a"))])
        #expect(try await due(queue, "a") == start + 6000)
        #expect(try await arguments(queue, "a") == #"{"n":2}"#)
        #expect(try await queue.status(.of("a")).body?.stored.maxAttempts == 3)
        #expect(try await queue.state("b") == .unknown)
        try await queue.join("w", lease: .seconds(100), now: start)
        #expect(try await queue.take(5, by: "w", now: start + 5999).isEmpty)
        let claims = try await queue.take(5, by: "w", now: start + 6000)
        #expect(claims.map(\.id) == [.of("a")])
        #expect(try await queue.stats(now: start).queue.totals.enqueued == 1)
        try await expectInvariants(queue)
        // The bytes that count for the cap are those of the last one.
        _ = try await queue.settle([Settled(claims[0], .success)], by: "w", now: start + 6000)
        #expect(try await queue.command("HGET", "meta", "liveBytes").int ?? 0 == 0)
    }

    @Test func itStartsAtTheLatestAfterTheLongestWait() async throws {
        let queue = try await makeQueue()
        for (i, part) in ["a", "b", "c", "d"].enumerated() {
            _ = try await queue.enqueue([try debounced(part)], now: start + 3000 * i)
        }
        #expect(try await due(queue, "a") == start + 12_000, "and not 14 s after the first")
        try await expectInvariants(queue)
    }

    @Test func withoutALongestWaitItIsTenTimesTheDelay() {
        #expect(Debounce("k", delay: .seconds(5)).longestWait == .seconds(50))
    }

    @Test func oneThatComesAtTheTimeOfTheStartIsStored() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try debounced("a", "1")], now: start)
        #expect(try await queue.enqueue([try debounced("b", "2")], now: start + 5000) == [.stored(.of("b"))])
        #expect(try await arguments(queue, "a") == "1")
        #expect(try await due(queue, "b") == start + 10_000)
        #expect(try await queue.enqueue([try debounced("c", "3")], now: start + 6000) == [.existing(.of("b"))])
        try await queue.join("w", lease: .seconds(100), now: start)
        #expect(try await queue.take(5, by: "w", now: start + 12_000).map(\.id) == [.of("a"), .of("b")])
        try await expectInvariants(queue)
    }

    enum Left: CaseIterable { case queued, running, succeeded, dead, cancelled, purged, deleted, overwritten, retried }

    @Test(arguments: Left.allCases) func oneThatNoLongerWaitsIsNotReplaced(left: Left) async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try debounced("a", "1")], now: start)
        try await queue.join("w", lease: .seconds(100), now: start)
        switch left {
        case .queued: _ = try await queue.take(0, by: "w", now: start + 5000)
        case .running: _ = try await queue.take(by: "w", now: start + 5000)
        case .succeeded, .dead, .purged:
            let claims = try await queue.take(by: "w", now: start + 5000)
            let outcome: Outcome = left == .succeeded ? .success : .dead(failure)
            _ = try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: start + 5000)
            if left == .purged { #expect(try await queue.purge(.of("a"))) }
        case .cancelled: try await queue.cancel(.of("a"), now: start)
        case .deleted: try await queue.command("DEL", "job:a")
        case .overwritten: try await queue.command("SET", "job:a", "x")
        case .retried: try await queue.retry(.of("a"), now: start)
        }
        // A clock that was set back must not make it wait again either.
        #expect(try await queue.enqueue([try debounced("b", "2")], now: start + 1000) == [.stored(.of("b"))])
        #expect(try await queue.enqueue([try debounced("c", "3")], now: start + 1500) == [.existing(.of("b"))])
        #expect(try await arguments(queue, "b") == "3")
        #expect(try await due(queue, "b") == start + 6500)
    }

    @Test func anotherJobWithTheIdOfAForgottenOneIsNotReplaced() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try debounced("a", "1")], now: start)
        try await queue.cancel(.of("a"), now: start)
        try await queue.join("w", lease: .seconds(100), now: start)
        _ = try await queue.take(0, by: "w", retention: Retention(bytes: 0), now: start)
        try await queue.enqueue([try job("a", options: JobOptions(start: .after(.seconds(9))))], now: start)
        #expect(try await queue.enqueue([try debounced("b", "2")], now: start) == [.stored(.of("b"))])
        #expect(try await arguments(queue, "a") == "{}")
        try await expectInvariants(queue)
    }

    @Test func aRepeatedCallChangesNothing() async throws {
        let queue = try await makeQueue()
        let jobs = [try debounced("a", "1"), try debounced("b", "2"), try debounced("c", "3")]
        for (i, job) in jobs.enumerated() { _ = try await queue.enqueue([job], now: start + i) }
        for job in jobs {
            #expect(try await queue.enqueue([job], now: start + 1000) == [.existing(.of("a"))])
        }
        #expect(try await arguments(queue, "a") == "3", "an older one must not come back")
        #expect(try await due(queue, "a") == start + 5002)
        try await queue.join("w", lease: .seconds(100), now: start)
        #expect(try await queue.take(5, by: "w", now: start + 5002).map(\.id) == [.of("a")])
        for job in jobs {
            #expect(try await queue.enqueue([job], now: start + 5002) == [.existing(.of("a"))], "its job has started")
        }
        try await expectInvariants(queue)
    }

    @Test func oneCallAndManyCallsAnswerAlike() async throws {
        let (one, many) = (try await makeQueue(), try await makeQueue("other"))
        func jobs(in queue: QueueName) throws -> [NewJob] {
            try ["a", "b", "c", "d", "a", "b"].enumerated().map { i, part in
                try NewJob(
                    part == "d" ? "test.other" : "test.noop", arguments: Array("\(i)".utf8), in: queue,
                    id: try JobID("\(queue).\(part)"),
                    options: JobOptions(debounce: Debounce("k", delay: .seconds(5))))
            }
        }
        let answers = try await one.enqueue(try jobs(in: .default), now: start)
        var others: [Enqueued] = []
        for job in try jobs(in: try QueueName("other")) { others += try await many.enqueue([job], now: start) }
        func short(_ answers: [Enqueued]) -> [String] {
            answers.map { answer in
                let part = answer.id.text.suffix(1)
                return if case .stored = answer { "stored \(part)" } else { "existing \(part)" }
            }
        }
        #expect(
            short(answers) == ["stored a", "existing a", "existing a", "stored d", "existing a", "existing a"])
        #expect(short(others) == short(answers))
        #expect(try await arguments(one, "a") == "2")
    }

    @Test func jobsOfTwoTypesDoNotMeet() async throws {
        let queue = try await makeQueue()
        let options = JobOptions(debounce: Debounce("k", delay: .seconds(5)))
        let other = try NewJob("test.other", arguments: [], in: .default, id: .of("b"), options: options)
        let jobs = [try job("a", options: options), other]
        #expect(try await queue.enqueue(jobs, now: start) == [.stored(.of("a")), .stored(.of("b"))])
    }

    @Test func theExpiryIsThatOfTheLastOne() async throws {
        let queue = try await makeQueue()
        let brief = try debounced("a", options: JobOptions(expiry: .after(.seconds(6))))
        try await queue.enqueue([brief], now: start)
        try await queue.enqueue([try debounced("b", options: JobOptions(expiry: .after(.seconds(60))))], now: start + 1)
        #expect(try await queue.command("ZSCORE", "expiring", "ph:{default}:job:a").string == "\(start + 60_001)")
        try await queue.enqueue([try debounced("c")], now: start + 2)
        #expect(try await queue.command("ZCARD", "expiring").int == 0)
        #expect(try await queue.command("HEXISTS", "job:a", "x").int == 0)
        try await expectInvariants(queue)
    }

    @Test func theLimitsStay() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try debounced("a", options: JobOptions(limits: [LimitUse("k")]))], now: start)
        let before = try await queue.command("HGET", "job:a", "l").string
        try await queue.enqueue([try debounced("b", options: JobOptions(limits: [LimitUse("other")]))], now: start + 1)
        #expect(try await queue.command("HGET", "job:a", "l").string == before)
        try await queue.join("w", lease: .seconds(100), now: start)
        #expect(try await queue.take(5, by: "w", now: start + 5001).map(\.id) == [.of("a")])
        try await expectInvariants(queue)
    }

    @Test func anEarlierStartWakesAWorker() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try debounced("a")], now: start)
        try await queue.join("w", lease: .seconds(100), now: start)
        _ = try await queue.take(by: "w", now: start)
        try await queue.command("DEL", "bell")
        let soon = JobOptions(debounce: Debounce("page 7", delay: .milliseconds(10)))
        try await queue.enqueue([try job("b", options: soon)], now: start + 1)
        #expect(try await queue.command("EXISTS", "bell").int == 1)
        #expect(try await queue.take(by: "w", now: start + 11).map(\.id) == [.of("a")])
    }

    @Test func itsKeysEndByThemselves() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try debounced("a"), try debounced("b")], now: start)
        let key = try await queue.command("PTTL", "debounce:test.noop:page%207").int ?? 0
        #expect((1...65_000).contains(key))
        let repeated = try await queue.command("PTTL", "debounced:b").int ?? 0
        #expect((1...120_000).contains(repeated))
        #expect(try await queue.verify().isEmpty)
    }

    @Test func keysOfAnotherTypeDoNoHarm() async throws {
        let queue = try await makeQueue()
        try await queue.command("LPUSH", "debounce:test.noop:page%207", "x")
        try await queue.command("LPUSH", "debounced:a", "x")
        #expect(try await queue.enqueue([try debounced("a")], now: start) == [.stored(.of("a"))])
        #expect(try await queue.enqueue([try debounced("b")], now: start) == [.existing(.of("a"))])
    }

    @Test func aDebounceKeyWithoutAnEndIsFound() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try debounced("a")], now: start)
        try await queue.command("PERSIST", "debounce:test.noop:page%207")
        let found = try await queue.verify()
        #expect(found.map(\.kind) == [.key])
        #expect(found.first?.id == "default.a")
        #expect(try await queue.command("EXISTS", "debounce:test.noop:page%207").int == 1, "it only reads")
    }

    @Test(arguments: [
        (JobOptions(start: .after(.seconds(1)), debounce: Debounce("k", delay: .seconds(1))), "delaySeconds"),
        (JobOptions(start: .at(Date(timeIntervalSince1970: 1)), debounce: Debounce("k", delay: .seconds(1))), "runAt"),
        (JobOptions(key: IdempotencyKey("i"), debounce: Debounce("k", delay: .seconds(1))), "key"),
        (JobOptions(debounce: Debounce("", delay: .seconds(1))), "key of 0 bytes"),
        (JobOptions(debounce: Debounce("k", delay: .zero)), "delay 0.0 seconds"),
        (JobOptions(debounce: Debounce("k", delay: .seconds(86_401))), "delay 86401.0 seconds"),
        (JobOptions(debounce: Debounce("k", delay: .seconds(2), maxWait: .seconds(1))), "longest wait 1.0 seconds"),
        (JobOptions(debounce: Debounce("k", delay: .seconds(2), maxWait: .seconds(864_001))), "longest wait"),
    ])
    func whatDoesNotFitIsRefusedByName(options: JobOptions, found: String) throws {
        let error = #expect(throws: QueueError.self) { try job("a", options: options) }
        guard case .field(let field) = try #require(error) else { throw try #require(error) }
        #expect(field.field == "debounce")
        #expect(field.found?.hasPrefix(found) == true)
    }
}
