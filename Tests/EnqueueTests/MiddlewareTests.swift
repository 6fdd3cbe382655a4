import Enqueue
import Queue
import Servers
import Synchronization
import TestSupport
import Testing

/// What was called, in its order.
private final class Calls: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func note(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct Noting: EnqueueMiddleware {
    let name: String
    let calls: Calls

    func enqueue(
        _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
    ) async throws(QueueError) -> [Enqueued] {
        calls.note("\(name) gets \(jobs.count)")
        let outcomes = try await next(jobs)
        calls.note("\(name) hears of \(outcomes.count)")
        return outcomes
    }
}

private struct Refusing: EnqueueMiddleware {
    func enqueue(
        _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
    ) async throws(QueueError) -> [Enqueued] { throw .invalid("not on Sundays") }
}

/// Like encryption: the same arguments give other bytes each time.
private struct Sealing: EnqueueMiddleware {
    func enqueue(
        _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
    ) async throws(QueueError) -> [Enqueued] {
        var sealed: [NewJob] = []
        for job in jobs {
            let nonce = UInt8.random(in: 1...255)
            let bytes = [nonce] + job.arguments.bytes.map { $0 ^ nonce }
            sealed.append(try job.replacing(arguments: Payload(bytes, encoding: "sealed")))
        }
        return try await next(sealed)
    }
}

private struct Naming: EnqueueMiddleware {
    func enqueue(
        _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
    ) async throws(QueueError) -> [Enqueued] {
        var named: [NewJob] = []
        for job in jobs {
            var options = job.options
            options.tenant = "acme"
            named.append(try job.replacing(options: options))
        }
        return try await next(named)
    }
}

private struct Forgetting: EnqueueMiddleware {
    func enqueue(
        _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
    ) async throws(QueueError) -> [Enqueued] { [] }
}

@Suite(.redis, .timeLimit(.minutes(3))) struct MiddlewareTests {
    private func withEnqueue(
        _ middleware: [any EnqueueMiddleware], _ body: (Enqueue) async throws -> Void
    ) async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url, middleware: middleware)
        try await body(enqueue)
        try await expectInvariants(enqueue.queue(.default))
        await enqueue.close()
    }

    private func note(_ text: String, key: String) throws -> NewJob {
        try NewJob(
            Note.type, arguments: Array(#"{"text":"\#(text)"}"#.utf8), in: .default,
            options: JobOptions(key: IdempotencyKey(key)))
    }

    @Test func theFirstOfTheListIsTheOutermost() async throws {
        let calls = Calls()
        try await withEnqueue([Noting(name: "a", calls: calls), Noting(name: "b", calls: calls)]) { enqueue in
            let note = try await enqueue.add(Note(text: "hay"))
            #expect(calls.all == ["a gets 1", "b gets 1", "b hears of 1", "a hears of 1"])
            #expect(try await note.status().state == .queued)
        }
    }

    @Test func aBulkGoesThroughInOneCall() async throws {
        let calls = Calls()
        try await withEnqueue([Noting(name: "a", calls: calls)]) { enqueue in
            let notes = try await enqueue.add(all: (1...2500).map { Note(text: "\($0)") })
            #expect(Set(notes.map(\.id)).count == 2500)
            #expect(calls.all == ["a gets 2500", "a hears of 2500"])
            #expect(try await enqueue.queue(.default).stats().queue.queued == 2500)
            #expect(try await enqueue.add(all: [] as [NewJob]).isEmpty)
            #expect(calls.all.count == 2, "nothing to add is nothing to ask about")
        }
    }

    @Test func whatIsRefusedIsNotStored() async throws {
        let calls = Calls()
        try await withEnqueue([Refusing(), Noting(name: "behind", calls: calls)]) { enqueue in
            await #expect(throws: QueueError.invalid("not on Sundays")) {
                _ = try await enqueue.add(Note(text: "hay"))
            }
            await #expect(throws: QueueError.invalid("not on Sundays")) {
                _ = try await enqueue.add(all: [Note(text: "hay"), Note(text: "straw")])
            }
            #expect(calls.all.isEmpty)
            #expect(try await enqueue.queue(.default).stats().queue.totals.enqueued == 0)
        }
    }

    @Test func argumentsAreStoredAsTheyWereSealed() async throws {
        try await withEnqueue([Sealing()]) { enqueue in
            let note = try await enqueue.add(Note(text: "hay"))
            let stored = try #require(try await note.status().body?.arguments)
            #expect(stored.encoding == "sealed")
            let nonce = try #require(stored.bytes.first)
            #expect(stored.bytes.dropFirst().map { $0 ^ nonce } == Array(#"{"text":"hay"}"#.utf8))
        }
    }

    /// What the API answers `key_reused` by.
    @Test func thePlainArgumentsDecideWhetherAKeyIsReused() async throws {
        try await withEnqueue([Sealing()]) { enqueue in
            let first = try note("hay", key: "k"), same = try note("hay", key: "k"), other = try note("straw", key: "k")
            #expect(try await enqueue.add(first) == .stored(first.id))
            #expect(try await enqueue.add(same) == .existing(first.id))
            let body = try #require(try await enqueue.status(first.id).body)
            #expect(body.isRepeated(by: same))
            #expect(!body.isRepeated(by: other))
        }
    }

    @Test func optionsCanBeChangedAndIdsStay() async throws {
        try await withEnqueue([Naming()]) { enqueue in
            let job = try note("hay", key: "k")
            #expect(try await enqueue.add(job) == .stored(job.id))
            let body = try #require(try await enqueue.status(job.id).body)
            #expect(body.tenant == "acme")
            #expect(body.isRepeated(by: job))
        }
    }

    @Test func anOutcomeForEachJobIsRequired() async throws {
        try await withEnqueue([Forgetting()]) { enqueue in
            let error = await #expect(throws: QueueError.self) { _ = try await enqueue.add(Note(text: "hay")) }
            #expect(error?.description.contains("Forgetting gave 0 outcomes for 1 jobs") == true)
        }
    }

    @Test func whatGrowsBeyondTheLimitIsRefused() throws {
        let job = try note("hay", key: "k")
        #expect(throws: QueueError.tooLarge(what: "the arguments of a test.note job", bytes: 11, limit: 10)) {
            _ = try job.replacing(arguments: Payload(Array(repeating: 0, count: 11)), limit: 10)
        }
    }
}
