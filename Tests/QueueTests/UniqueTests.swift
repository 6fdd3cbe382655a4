import Foundation
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct UniqueTests {
    private func keyed(_ part: String, _ key: IdempotencyKey) throws -> NewJob {
        try job(part, options: JobOptions(key: key))
    }

    private func spec(_ members: String) throws -> IdempotencyKey? {
        try JobSpec(json: Array(#"{"type":"a",\#(members)}"#.utf8)).job().options.key
    }

    @Test func aKeyThatIsHeldWhileWaitingIsFreeWhenTheJobStarts() async throws {
        let queue = try await makeQueue()
        let key = IdempotencyKey("k", while: .waiting)
        #expect(try await queue.enqueue([try keyed("a", key)], now: start) == [.stored(.of("a"))])
        #expect(try await queue.enqueue([try keyed("b", key)], now: start) == [.existing(.of("a"))])
        try await queue.join("w", now: start)
        let claims = try await queue.take(by: "w", now: start)
        #expect(try await queue.enqueue([try keyed("b", key)], now: start) == [.stored(.of("b"))])
        // The first one waits again, and no longer has the key.
        _ = try await queue.settle(claims.map { Settled($0, .failed(failure, delay: .zero)) }, by: "w", now: start)
        #expect(try await queue.enqueue([try keyed("c", key)], now: start) == [.existing(.of("b"))])
        try await queue.cancel(.of("a"), now: start)
        #expect(try await queue.enqueue([try keyed("c", key)], now: start) == [.existing(.of("b"))])
        try await expectInvariants(queue)
    }

    @Test func theFirstOfAPeriodWinsWhateverBecameOfIt() async throws {
        let queue = try await makeQueue()
        let key = IdempotencyKey("k", while: .always, period: .seconds(100))
        try await queue.enqueue([try keyed("a", key)], now: start)
        try await queue.join("w", now: start)
        _ = try await queue.settle(
            try await queue.take(by: "w", now: start).map { Settled($0, .success) }, by: "w", now: start)
        #expect(try await queue.enqueue([try keyed("b", key)], now: start) == [.existing(.of("a"))])
        try await queue.command("PEXPIRE", "key:k", "0")
        #expect(try await queue.enqueue([try keyed("b", key)], now: start) == [.stored(.of("b"))])
        try await expectInvariants(queue)
    }

    enum Removal: CaseIterable { case purge, purgeAll, prune, cancel, retryAndCancel }

    /// An old job that is removed must not give away the key of a newer one.
    @Test(arguments: Removal.allCases) func removingAnOldJobFreesNoKey(removal: Removal) async throws {
        let queue = try await makeQueue()
        let key = IdempotencyKey("k")
        try await queue.enqueue([try keyed("old", key)], now: start)
        try await queue.join("w", now: start)
        if removal == .cancel {
            // It still runs: its key was taken over, as after the end of a period.
            _ = try await queue.take(by: "w", now: start)
            try await queue.command("DEL", "key:k")
        } else {
            _ = try await queue.settle(
                try await queue.take(by: "w", now: start).map { Settled($0, .dead(failure)) }, by: "w", now: start)
        }
        #expect(try await queue.enqueue([try keyed("new", key)], now: start) == [.stored(.of("new"))])
        switch removal {
        case .purge: #expect(try await queue.purge(.of("old")))
        case .purgeAll: #expect(try await queue.purgeDead() == 1)
        case .prune: _ = try await queue.take(0, by: "w", retention: Retention(deadBytes: 0), now: start + 1)
        case .cancel: try await queue.cancel(.of("old"), now: start)
        case .retryAndCancel:
            try await queue.retry(.of("old"), now: start)
            try await queue.cancel(.of("old"), now: start)
        }
        switch removal {
        case .purge, .purgeAll, .prune: #expect(try await queue.state("old") == .unknown)
        case .cancel: #expect(try await queue.state("old") == .running)
        case .retryAndCancel: #expect(try await queue.state("old") == .cancelled)
        }
        #expect(try await queue.command("GET", "key:k").string == "ph:{default}:job:new")
        #expect(try await queue.enqueue([try keyed("next", key)], now: start) == [.existing(.of("new"))])
    }

    @Test func oneCallAndManyCallsAnswerAlikeBesideDeadJobs() async throws {
        let (one, many) = (try await makeQueue(), try await makeQueue("other"))
        let parts = ["a", "b", "c", "d"]
        func jobs(in queue: QueueName) throws -> [NewJob] {
            try (["old"] + parts).map { part in
                try NewJob(
                    "test.noop", arguments: [], in: queue, id: try JobID("\(queue).\(part)"),
                    options: JobOptions(key: IdempotencyKey(part == "d" ? "other" : "k")))
            }
        }
        var answers: [[String]] = []
        for queue in [one, many] {
            let jobs = try jobs(in: queue.name)
            try await queue.join("w", now: start)
            try await queue.enqueue([jobs[0]], now: start)
            _ = try await queue.settle(
                try await queue.take(by: "w", now: start).map { Settled($0, .dead(failure)) }, by: "w", now: start)
            var answer: [Enqueued] = []
            if queue.name == one.name {
                answer = try await queue.enqueue(Array(jobs[1...]), now: start)
            } else {
                for job in jobs[1...] { answer += try await queue.enqueue([job], now: start) }
            }
            answers.append(
                answer.map {
                    if case .stored(let id) = $0 { "+\(id.text.suffix(1))" } else { "\($0.id.text.suffix(1))" }
                })
        }
        #expect(answers == [["+a", "a", "a", "+d"], ["+a", "a", "a", "+d"]])
    }

    @Test func aDescriptionSaysHowLongTheKeyIsHeld() throws {
        #expect(try spec(#""key":"k""#) == IdempotencyKey("k"))
        #expect(try spec(#""key":"k","keyWhile":"unfinished""#) == IdempotencyKey("k"))
        #expect(try spec(#""key":"k","keyWhile":"waiting""#) == IdempotencyKey("k", while: .waiting))
        #expect(try spec(#""key":"k","keySeconds":10"#) == IdempotencyKey("k", while: .always, period: .seconds(10)))
        #expect(
            try spec(#""key":"k","keyWhile":"waiting","keySeconds":0.5"#)
                == IdempotencyKey("k", while: .waiting, period: .milliseconds(500)))
    }

    @Test(arguments: [
        (#""keyWhile":"waiting""#, "key"), (#""keySeconds":1"#, "key"),
        (#""key":"k","keyWhile":"running""#, "keyWhile"),
        (#""key":"k","keySeconds":0"#, "keySeconds"),
        (#""key":"k","debounce":{"key":"d","delaySeconds":1}"#, "debounce"),
        (#""debounce":"d""#, "debounce"), (#""debounce":{"delaySeconds":1}"#, "key"),
        (#""debounce":{"key":"d"}"#, "delaySeconds"), (#""debounce":{"key":"d","delaySeconds":1,"x":1}"#, "x"),
    ])
    func whatIsWrongInADescriptionIsNamed(members: String, field: String) throws {
        let error = #expect(throws: QueueError.self) { try spec(members) }
        guard case .field(let found) = try #require(error) else { throw try #require(error) }
        #expect(found.field == field)
    }

    @Test func aDescriptionWithKeysIsReadAgain() throws {
        for members in [
            #""key":"k","keyWhile":"waiting","keySeconds":2.5"#,
            #""debounce":{"key":"é","delaySeconds":0.5,"maxWaitSeconds":60}"#,
        ] {
            let spec = try JobSpec(json: Array(#"{"type":"a",\#(members)}"#.utf8))
            #expect(try JobSpec(json: spec.json) == spec)
            #expect(spec.key != nil || spec.debounce != nil)
        }
    }

    @Test func aKeyOfAJobThatDoesNotExistIsFoundAndFree() async throws {
        let queue = try await makeQueue()
        try await queue.command("SET", "key:k", "ph:{default}:job:nobody")
        #expect(try await queue.verify().map(\.kind) == [.key])
        #expect(try await queue.command("EXISTS", "key:k").int == 1, "it only reads")
        #expect(try await queue.enqueue([try keyed("a", IdempotencyKey("k"))], now: start) == [.stored(.of("a"))])
        #expect(try await queue.verify().isEmpty)
    }

    @Test func aHeaderExcludesADebounce() throws {
        var spec = JobSpec(type: "a")
        spec.debounce = Debounce("d", delay: .seconds(1))
        let error = #expect(throws: QueueError.self) { try spec.job(idempotencyKey: "k") }
        guard case .field(let field) = try #require(error) else { throw try #require(error) }
        #expect(field.kind == .contradiction)
        #expect(field.found == "debounce")
    }
}
