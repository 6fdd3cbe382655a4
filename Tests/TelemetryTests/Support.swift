import Enqueue
import Logging
import PackhorseRedis
import Queue
import Servers
import Worker

struct Flaw: Error {}

/// A worker and a producer on the test's own server. The worker is stopped at the end of `body`.
func withWorker(
    _ middleware: [any JobMiddleware] = [], enqueueing: [any EnqueueMiddleware] = [],
    @Registry.Builder _ handlers: () -> [Handler], body: (Enqueue) async throws -> Void
) async throws {
    let url = try RedisServer.current.url
    let worker = Worker(
        redis: url, options: WorkerOptions(grace: .zero, lease: .seconds(60), middleware: middleware),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, registry: Registry(handlers))
    let enqueue = try await Enqueue(redis: url, middleware: enqueueing)
    async let working: Void = worker.run()
    do {
        try await body(enqueue)
    } catch {
        worker.stopNow()
        try? await working
        throw error
    }
    worker.stopNow()
    try await working
    await enqueue.close()
}

func job(_ type: String, options: JobOptions = JobOptions()) throws -> NewJob {
    try NewJob(type, arguments: Array("{}".utf8), in: .default, options: options)
}
