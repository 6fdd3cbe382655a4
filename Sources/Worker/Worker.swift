internal import Foundation
public import Logging
public import Queue
public import PackhorseRedis
internal import Synchronization

/// A worker process: claims jobs, runs them, writes what became of them.
///
/// ```swift
/// let worker = Worker(redis: url, options: WorkerOptions(concurrency: 64)) {
///     Greet.self
/// }
/// try await worker.run()
/// ```
/// The path of a job: `run` → `WorkerSession.run` (one lease) → `WorkerSession.claimAll` (reserve) → `Runners` → `Attempt.run` (the
/// handler) → `Outcome.of` → `WorkerSession.settle`.
public final class Worker: Sendable {
    let url: RedisURL
    let registry: Registry
    let options: WorkerOptions
    let logger: Logger
    let connection: RedisConnection
    let queues: [Queue]
    let runners: Runners
    let metrics = WorkerMetrics()
    let leftovers = Leftovers()
    private let state = Mutex(State())

    private struct State {
        var session: WorkerSession?
        var stopping = false
        var hurry = false
    }

    /// Connects nowhere yet. Options out of range are a programming error.
    ///
    /// - Parameters:
    ///   - options: 1 to 10,000 jobs at once, one queue or more and each once, a lease of two beats or more.
    ///   - registry: the types that it runs; jobs of others are left to other workers.
    public init(
        redis url: RedisURL, options: WorkerOptions = WorkerOptions(), logger: Logger = Logger(label: "worker"),
        registry: Registry
    ) {
        precondition((1...10_000).contains(options.concurrency), "a worker's concurrency is 1 to 10,000")
        precondition(!options.queues.isEmpty, "a worker needs a queue")
        precondition(Set(options.queues.map(\.name)).count == options.queues.count, "a queue is served once")
        precondition(options.queues.allSatisfy { (1...1000).contains($0.weight) }, "a queue's weight is 1 to 1,000")
        precondition(options.lease >= options.beat * 2, "a lease must last at least two beats")
        self.url = url
        self.registry = registry
        self.options = options
        self.logger = logger
        connection = RedisConnection(url, name: "packhorse-worker")
        let connection = connection
        queues = options.queues.map { Queue($0.name, on: connection) }
        runners = Runners(limit: options.concurrency)
    }

    /// The same, with the types listed in place: see `Registry`.
    public convenience init(
        redis url: RedisURL, options: WorkerOptions = WorkerOptions(), logger: Logger = Logger(label: "worker"),
        @Registry.Builder handlers: () -> [Handler]
    ) {
        self.init(redis: url, options: options, logger: logger, registry: Registry(handlers))
    }

    /// Works until `stop`, or with `drain` until there is nothing to do.
    ///
    /// A lapsed lease does not end it: the jobs that ran under it are cancelled, and it joins again under a new name.
    ///
    /// - Throws: `QueueError` when Redis can't be reached at the start; later losses are bridged.
    public func run() async throws(QueueError) {
        do {
            try await connection.connect()
        } catch {
            throw .redis(error)
        }
        metrics.started()
        var first = true
        while let session = nextSession() {
            do {
                try await session.join()
            } catch {
                if isStopping { break }
                if first { throw error }
                logger.warning("cannot join", metadata: ["reason": "\(error)"])
                try? await Task.sleep(for: .milliseconds(100))  // Redis has just failed
                continue
            }
            first = false
            await session.run()
        }
        await leftovers.drop()
        await connection.close()
    }

    /// Claims nothing new, lets running jobs end within the grace period, then cancels them and gives them back. A
    /// second call does that at once.
    public func stop() {
        let (session, hurry) = state.withLock { state in
            let again = state.stopping
            state.stopping = true
            state.hurry = again
            return (state.session, again)
        }
        runners.close()
        if hurry { session?.hurry() } else { session?.stop() }
    }

    /// Stops without a grace period.
    public func stopNow() {
        state.withLock { $0.stopping = true }
        stop()
    }

    /// How many jobs run now.
    public var running: Int { runners.busy }

    var session: WorkerSession? { state.withLock { $0.session } }
    var isStopping: Bool { state.withLock { $0.stopping } }
    var isStoppingNow: Bool { state.withLock { $0.hurry } }

    private func nextSession() -> WorkerSession? {
        state.withLock { state in
            let over = state.stopping || state.session?.isDrained == true
            state.session = over ? nil : WorkerSession(of: self)
            return state.session
        }
    }
}
