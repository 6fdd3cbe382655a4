import Enqueue
import Foundation
import Logging
import Queue
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Worker

/// A worker and a producer on the test's own server. The worker is stopped at the end of `body`.
///
/// - Parameter options: with the usual lease they get one of a minute: a busy machine may hold a test up for seconds.
func withWorker(
    _ options: WorkerOptions = WorkerOptions(concurrency: 8, grace: .seconds(5)),
    @Registry.Builder _ handlers: () -> [Handler], body: (Enqueue, Worker) async throws -> Void
) async throws {
    let url = try RedisServer.current.url
    var options = options
    if options.lease == WorkerOptions().lease { options.lease = .seconds(60) }
    let worker = Worker(redis: url, options: options, logger: quiet, registry: Registry(handlers))
    let enqueue = try await Enqueue(redis: url)
    async let working: Void = worker.run()
    do {
        try await body(enqueue, worker)
    } catch {
        worker.stopNow()
        try? await working
        throw error
    }
    worker.stopNow()
    try await working
    await enqueue.close()
}

var quiet: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}

func job(_ type: String, _ arguments: String = "{}", options: JobOptions = JobOptions()) throws -> NewJob {
    try NewJob(type, arguments: Array(arguments.utf8), in: .default, options: options)
}

struct Add: Job {
    static let type = "test.add"
    var a: Int
    var b: Int
    func run(_ context: JobContext) async throws -> Int { a + b }
}

struct Nothing: Job {
    static let type = "test.nothing"
    func run(_ context: JobContext) async throws {}
}

struct Flaw: Error {}

/// Counts events; each `next` takes one, or waits for it.
final class Signals: Sendable {
    private let stream = AsyncStream<Void>.makeStream()

    func fire() { stream.continuation.yield() }

    func next() async {
        for await _ in stream.stream { return }
    }
}

/// Blocks the thread that a handler runs on, as a C library would.
func hold(_ gate: DispatchSemaphore) {
    gate.wait()
}
