import Enqueue
import Queue
import Servers
import Synchronization
import TestSupport
import Testing

@testable import Worker

private struct Noting: JobMiddleware {
    let name: String
    let calls: Calls

    func run(
        _ arguments: Payload, _ context: JobContext, next: (Payload) async throws -> Payload
    ) async throws -> Payload {
        calls.note("\(name) before \(context.type) \(context.attempt)")
        defer { calls.note("\(name) after") }
        return try await next(arguments)
    }
}

/// What was called, in its order.
private final class Calls: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func note(_ line: String) { lines.withLock { $0.append(line) } }
}

/// Stands for decryption of arguments and encryption of results.
private struct Sealed: JobMiddleware {
    static func seal(_ payload: Payload) -> Payload {
        Payload(payload.bytes.map { $0 ^ 0x55 }, contentType: payload.contentType, encoding: "sealed")
    }

    func run(
        _ arguments: Payload, _ context: JobContext, next: (Payload) async throws -> Payload
    ) async throws -> Payload {
        guard arguments.encoding == "sealed" else { throw Discard("plain arguments") }
        return Self.seal(try await next(Payload(arguments.bytes.map { $0 ^ 0x55 })))
    }
}

/// Refuses the first attempts of a job.
private struct Refusing: JobMiddleware {
    let attempts: Int

    func run(
        _ arguments: Payload, _ context: JobContext, next: (Payload) async throws -> Payload
    ) async throws -> Payload {
        if context.attempt <= attempts { throw Flaw() }
        return try await next(arguments)
    }
}

private func options(_ middleware: any JobMiddleware...) -> WorkerOptions {
    WorkerOptions(concurrency: 8, grace: .seconds(5), middleware: middleware)
}

@Suite(.redis, .timeLimit(.minutes(3))) struct MiddlewareTests {
    @Test func theFirstOfTheListIsTheOutermost() async throws {
        let calls = Calls()
        try await withWorker(options(Noting(name: "a", calls: calls), Noting(name: "b", calls: calls))) {
            Handler(raw: "test.noted") { _, _ in
                calls.note("handler")
                return .null
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.noted")).id
            #expect(try await enqueue.wait(for: id, timeout: .seconds(20)).state == .succeeded)
            #expect(
                calls.all == [
                    "a before test.noted 1", "b before test.noted 1", "handler", "b after", "a after",
                ])
            try await expectInvariants(enqueue.queue(.default))
        }
    }

    @Test func aTypedHandlerSeesWhatWasDecrypted() async throws {
        try await withWorker(options(Sealed())) {
            Add.self
        } body: { enqueue, _ in
            let sealed = Sealed.seal(Payload(Array(#"{"a":2,"b":3}"#.utf8)))
            let id = try await enqueue.add(NewJob(Add.type, arguments: sealed, in: .default)).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.result == Sealed.seal(Payload(Array("5".utf8))), "it is stored as the middleware made it")
        }
    }

    @Test func aRawHandlerSeesTheArgumentsInItsBody() async throws {
        try await withWorker(options(Sealed())) {
            Handler(raw: "test.echo") { body, _ in body.arguments }
        } body: { enqueue, _ in
            let sealed = Sealed.seal(Payload(Array(#"{"text":"hay"}"#.utf8)))
            let options = JobOptions(tenant: "acme")
            let id = try await enqueue.add(
                NewJob("test.echo", arguments: sealed, in: .default, options: options)
            ).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.result == sealed)
            #expect(record.body?.arguments == sealed, "what is stored stays as it was")
        }
    }

    @Test func aThrowIsAFailedAttempt() async throws {
        try await withWorker(options(Refusing(attempts: 2))) {
            Handler(raw: "test.third", retry: .exponential(base: .milliseconds(10))) { _, context in
                Payload(Array("\(context.attempt)".utf8))
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.third")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.result == Payload(Array("3".utf8)))
            #expect(record.failures == 2)
            #expect(record.errors.map(\.failure.type) == ["Flaw", "Flaw"])
        }
    }

    @Test func aDiscardIsOneFromMiddlewareToo() async throws {
        try await withWorker(options(Sealed())) {
            Add.self
        } body: { enqueue, _ in
            let sum = try await enqueue.add(Add(a: 2, b: 3))
            let record = try await enqueue.wait(for: sum.id, timeout: .seconds(20))
            #expect(record.state == .dead)
            #expect(record.error?.type == "discarded")
        }
    }

    @Test func aResultThatMiddlewareMakesTooLargeIsRefused() async throws {
        struct Growing: JobMiddleware {
            func run(
                _ arguments: Payload, _ context: JobContext, next: (Payload) async throws -> Payload
            ) async throws -> Payload {
                _ = try await next(arguments)
                return Payload(Array(repeating: UInt8(ascii: "1"), count: 101))
            }
        }
        try await withWorker(WorkerOptions(resultLimit: 100, middleware: [Growing()])) {
            Add.self
        } body: { enqueue, _ in
            let sum = try await enqueue.add(Add(a: 2, b: 3))
            let record = try await enqueue.wait(for: sum.id, timeout: .seconds(20))
            #expect(record.error?.type == "resultTooLarge")
        }
    }

    @Test func withoutMiddlewareHandlersStayWhatTheyAre() {
        let registry = Registry { Add.self }
        #expect(registry.wrapped(in: []).handlers[Add.type] === registry.handlers[Add.type])
        #expect(registry.wrapped(in: [Sealed()]).handlers[Add.type] !== registry.handlers[Add.type])
    }
}
