internal import Foundation
public import Logging
public import Queue
public import PackhorseRedis
internal import Synchronization

/// A worker process: claims jobs, runs them, and writes their outcomes.
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
    let punctuality = Punctuality()
    /// Log lines that could repeat endlessly.
    let repeated: RepeatedLines
    private let state = Mutex(State())

    /// It only moves forward: working → stopping → stoppingNow (`stop`, `stopNow`).
    private enum Phase: Int {
        /// A session claims and runs jobs; after a lapse, a new session follows.
        case working
        /// Nothing more is claimed; running jobs have the grace period.
        case stopping
        /// Running jobs are cancelled and given back.
        case stoppingNow
    }

    private struct State {
        var session: WorkerSession?
        var phase = Phase.working
        var cutOff: Task<Void, Never>?
    }

    /// Does not connect yet. Options out of range are a programming error.
    ///
    /// - Parameters:
    ///   - options: 1 to 10,000 jobs at once, one or more different queues, a lease of at least two beats.
    ///   - registry: the types that it runs; jobs of other types are left to other workers.
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
        self.registry = registry.wrapped(in: options.middleware)
        self.options = options
        self.logger = logger
        repeated = RepeatedLines(logger)
        connection = RedisConnection(url, name: "packhorse-worker")
        let connection = connection
        queues = options.queues.map { Queue($0.name, on: connection) }
        runners = Runners(limit: options.concurrency)
    }

    /// The same, with the types listed in a closure: see `Registry`.
    public convenience init(
        redis url: RedisURL, options: WorkerOptions = WorkerOptions(), logger: Logger = Logger(label: "worker"),
        @Registry.Builder handlers: () -> [Handler]
    ) {
        self.init(redis: url, options: options, logger: logger, registry: Registry(handlers))
    }

    /// Works until `stop` is called, or with `drain` until there is nothing to do.
    ///
    /// A lapsed lease does not end it: the jobs that ran under the lease are cancelled, and it joins again under a new
    /// name.
    ///
    /// - Throws: `QueueError` if Redis can't be reached at the start, or if a schedule is refused; later it reconnects.
    public func run() async throws(QueueError) {
        defer {
            state.withLock { $0.cutOff }?.cancel()
            repeated.flush()
        }
        do {
            try await connection.connect()
        } catch {
            if isStopping { return }
            throw .redis(error)
        }
        try await syncSchedules()
        metrics.started()
        var first = true
        while let session = nextSession() {
            do {
                try await session.join()
            } catch {
                if isStopping { break }
                if first { throw error }
                repeated.log(.warning, "cannot join", metadata: ["reason": "\(error)"])
                try? await Task.sleep(for: .milliseconds(100))  // Redis has just failed
                continue
            }
            first = false
            await session.run()
        }
        await leftovers.drop()
        await connection.close()
    }

    private func syncSchedules() async throws(QueueError) {
        guard let source = options.schedulesSource else { return }
        let sync = try await Queue.syncSchedules(options.schedules, from: source, on: connection)
        logger.info(
            "schedules are in place",
            metadata: [
                "source": "\(source)", "added": "\(sync.added)", "changed": "\(sync.changed)",
                "removed": "\(sync.removed)", "same": "\(sync.same.count)",
            ])
    }

    /// Claims nothing new, lets running jobs end within the grace period, then cancels them and gives them back. A
    /// second call does the latter at once.
    public func stop() {
        stop(as: isStopping ? .stoppingNow : .stopping)
    }

    /// Stops without a grace period.
    public func stopNow() { stop(as: .stoppingNow) }

    private func stop(as phase: Phase) {
        let session = state.withLock { state in
            if state.phase == .working { state.cutOff = Task { await cutOff() } }
            if state.phase.rawValue < phase.rawValue { state.phase = phase }
            return state.session
        }
        runners.close()
        if phase == .stoppingNow { session?.stopNow() } else { session?.stop() }
    }

    /// A Redis that does not answer must not delay the end: when the grace period is over, all calls to it fail.
    private func cutOff() async {
        let start = ContinuousClock.now
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(100))  // between two looks
            let now = ContinuousClock.now
            if let beat = session?.lastBeat {
                if isSilent(since: beat), isStoppingNow || now - start > options.grace { break }
            } else if now - start > .seconds(1) {
                break  // it still connects or joins
            }
        }
        if !Task.isCancelled { await connection.close(within: .zero) }
    }

    /// How many jobs run now.
    public var running: Int { runners.busy }

    var session: WorkerSession? { state.withLock { $0.session } }
    var isStopping: Bool { state.withLock { $0.phase != .working } }
    var isStoppingNow: Bool { state.withLock { $0.phase == .stoppingNow } }

    private func nextSession() -> WorkerSession? {
        state.withLock { state in
            let over = state.phase != .working || state.session?.phase == .drained
            state.session = over ? nil : WorkerSession(of: self)
            return state.session
        }
    }
}
