internal import Foundation
internal import Logging
internal import Queue
internal import PackhorseRedis
internal import Synchronization

/// A worker under one name and one lease: from joining until it leaves or the lease lapses.
///
/// The nesting in `run` is the order of the shutdown: no more claims → running jobs end → outcomes are written → the
/// lease is given back → connections are closed.
final class WorkerSession: Sendable {
    let worker: Worker
    let name: String
    /// One for each of the worker's queues.
    let outcomes: [Batcher<Settled>]
    private let bell: RedisConnection
    private let state = Mutex(State())

    /// Transitions: claiming → drained; claiming → stopping → lapsed; claiming → lapsed. Only `move` makes them.
    enum Phase {
        /// It holds its lease and claims jobs.
        case claiming
        /// There was nothing left to do, and `WorkerOptions.drain` is set: the session ends, and the worker with it.
        case drained
        /// `stop` was called: nothing more is claimed, and running jobs may end.
        case stopping
        /// The lease is gone: nothing more may be written.
        case lapsed
    }

    private struct State {
        var phase = Phase.claiming
        /// A pause of the claiming.
        var rest: Task<Void, Never>?
        /// When the last confirmed beat was sent; nil until it has joined.
        var lastBeat: ContinuousClock.Instant?
        var server: String?
        /// The run of the server on which it receives calls.
        var listens: String?
        /// Queues that refused outcomes since their last resync.
        var refusing: Set<QueueName> = []
    }

    init(of worker: Worker) {
        self.worker = worker
        outcomes = worker.queues.map { _ in Batcher() }
        name = "\(Host.name):\(ProcessInfo.processInfo.processIdentifier):\(UInt32.random(in: 0...UInt32.max))"
        bell = RedisConnection(worker.url, name: "packhorse-bell")
    }

    /// Registers with every queue.
    func join() async throws(QueueError) {
        do {
            try await bell.connect()
        } catch {
            throw .redis(error)
        }
        try await worker.leftovers.giveBack()
        if let first = worker.queues.first { speaks(to: try await first.serverRun()) }
        let sent = ContinuousClock.now
        for queue in worker.queues {
            let config = QueueConfig(retention: worker.options.retention, maxCrashes: worker.options.maxCrashes)
            try await queue.join(name, lease: worker.options.lease, about: description, config: config)
        }
        // Each time, and after the lease: if Redis loses its data, it never loses the list of queues but keeps the
        // lease.
        for queue in worker.queues { try await queue.register() }
        beaten(at: sent)
    }

    func run() async {
        let tickers = worker.queues.map { Ticker($0, of: self) }
        let heart = Heartbeat(of: self, tickers)
        let calls = RedisSubscription(
            worker.url, name: "packhorse-calls", channels: worker.queues.map { $0.name(of: .calls(worker: name)) },
            asking: ServerRun.question,
            // While Redis stalls, it stays connected: this shows that the worker lives.
            silence: .seconds(300),
            // The beat reports that it listens, and returns calls that came earlier.
            listening: { [self] answer in
                state.withLock { $0.listens = answer.flatMap(ServerRun.id) }
                heart.beatNow()
            },
            lost: { [self] in
                state.withLock { $0.listens = nil }
                heart.beatNow()
            }
        ) { [self] _, message in cancel(JobID(key: message)) }
        heart.start()
        calls.start()
        let watch = Task { await watchLease() }
        let ticking = tickers.map { ticker in Task { await ticker.run() } }
        worker.logger.info("joined", metadata: ["worker": "\(name)", "queues": "\(worker.options.queues.map(\.name))"])

        await withTaskGroup(of: Void.self) { group in
            for (queue, outcomes) in zip(worker.queues, outcomes) {
                group.addTask { await self.settle(outcomes, in: queue) }
            }
            await withTaskExecutorPreference(bell.executor) { await claimAll(bell) }
            await letJobsEnd()
            for outcomes in outcomes { outcomes.close() }
        }

        heart.stop()
        watch.cancel()
        for ticker in ticking { ticker.cancel() }
        let held = await leave()
        if held.isEmpty { await calls.close() } else { worker.leftovers.add(Leftover(name, in: held, calls)) }
        await bell.close(within: .zero)
    }

    /// Redis confirmed the lease in reply to a beat that was sent at `time`.
    func beaten(at time: ContinuousClock.Instant) { state.withLock { $0.lastBeat = time } }
    var lastBeat: ContinuousClock.Instant? { state.withLock { $0.lastBeat } }

    /// Every beat says which run of the server the worker talks to.
    func speaks(to server: String?) { state.withLock { $0.server = server } }

    /// A queue has refused outcomes of this session.
    func refused(by queue: QueueName) { state.withLock { _ = $0.refusing.insert(queue) } }

    /// Whether a queue has refused outcomes since the last call.
    func takeRefusal(of queue: QueueName) -> Bool { state.withLock { $0.refusing.remove(queue) != nil } }

    /// How long the lease still holds if no beat gets through.
    var leaseLeft: Duration { lastBeat.map { $0 + worker.options.lease - .now } ?? worker.options.lease }

    /// Notices a lapse also while the heartbeat looks up a host name, which can't be cancelled.
    private func watchLease() async {
        while isAlive, !Task.isCancelled {
            let left = leaseLeft
            if left <= .zero { return lapsed() }
            try? await Task.sleep(for: left)  // until the lease ends, unless a beat comes
        }
    }

    /// How long to wait for a call that gives jobs back: once the lease is gone, other workers have them anyway.
    var patience: Duration { max(.seconds(1), min(.seconds(10), leaseLeft)) }

    var phase: Phase { state.withLock { $0.phase } }
    var isAlive: Bool { phase != .lapsed }

    /// - Returns: false if it is already in this phase or a later one.
    @discardableResult
    func move(to next: Phase) -> Bool {
        let (moved, rest) = state.withLock { state -> (Bool, Task<Void, Never>?) in
            switch (state.phase, next) {
            case (.claiming, .drained), (.claiming, .stopping), (.claiming, .lapsed), (.stopping, .lapsed):
                state.phase = next
                return (true, state.rest)
            default: return (false, nil)
            }
        }
        rest?.cancel()
        return moved
    }

    /// Ends claiming from outside.
    func stop() {
        move(to: .stopping)
        Task { await bell.close(within: .zero) }
    }

    func stopNow() {
        stop()
        worker.runners.giveUp()
    }

    /// A pause in claiming; it ends early when claiming ends.
    func rest(for time: Duration) async {
        let rest = Task<Void, Never> { try? await Task.sleep(for: time) }  // as long as its caller says
        let isOver = state.withLock { state in
            state.rest = rest
            return state.phase != .claiming
        }
        if isOver { rest.cancel() }
        await rest.value
    }

    /// The lease is gone: others may have the jobs, and nothing more may be written.
    func lapsed() {
        guard move(to: .lapsed) else { return }
        worker.metrics.lapsed()
        worker.logger.error(
            "lease lapsed: running jobs are cancelled here and run elsewhere",
            metadata: ["worker": "\(name)", "running": "\(worker.runners.busy)"])
        stop()
        worker.runners.nudge()
        worker.runners.giveUp()
        interruptAfterLapse()
    }

    /// The outcomes of these jobs are not written.
    func interruptAfterLapse() {
        worker.runners.interrupt(.stopping, unbegun: nil) { $0.session === self }
    }

    /// The jobs of a queue that this worker has and has not settled, in the order in which a claim moves on.
    func claims(from queue: Queue) -> [Claim] {
        let running = worker.runners.claims(of: self, from: queue)
        let ended = zip(worker.queues, outcomes).filter { $0.0.name == queue.name }.flatMap { $0.1.items.map(\.claim) }
        return running + ended
    }

    /// Somebody wants this job cancelled, if it runs here.
    func cancel(_ id: JobID) {
        worker.runners.interrupt(.cancelled, unbegun: .cancelled(.cancelled)) {
            $0.claim.id == id && $0.session === self
        }
    }

    var description: String {
        let about = WorkerDescription(
            id: name, host: Host.name, pid: Int(ProcessInfo.processInfo.processIdentifier), version: Packhorse.version,
            queues: worker.options.queues.map { $0.name.text }, concurrency: worker.options.concurrency,
            rssBytes: Host.residentBytes, leaseMs: worker.options.lease.milliseconds,
            server: state.withLock { $0.server }, listens: state.withLock { $0.listens })
        return (try? JSONText.value(about)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private func letJobsEnd() async {
        let runners = worker.runners
        if isAlive, !worker.isStoppingNow, runners.isBusy(for: self) {
            worker.logger.info(
                "waiting for running jobs",
                metadata: ["running": "\(runners.busy)", "grace": "\(worker.options.grace)"])
            _ = await runners.allEnded(of: self, within: worker.options.grace) { !isAlive || worker.isStoppingNow }
        }
        guard isAlive, runners.isBusy(for: self) else { return }
        runners.interrupt(.stopping, unbegun: .released) { $0.session === self }
        // Jobs that react to cancellation end now; the others are given back while they still run.
        if await !runners.allEnded(of: self, within: .seconds(1), isOver: { !isAlive }) {
            worker.logger.warning(
                "jobs ignore their cancellation; they are given back", metadata: ["running": "\(runners.busy)"])
        }
    }

    /// - Returns: the queues that could not be reached.
    private func leave() async -> [Queue] {
        await withTaskGroup(of: Queue?.self) { group in
            for queue in worker.queues { group.addTask { await self.leave(queue) ? nil : queue } }
            return await group.reduce(into: []) { if let queue = $1 { $0.append(queue) } }
        }
    }

    private func leave(_ queue: Queue) async -> Bool {
        do {
            let count = try await queue.leave(name, timeout: patience)
            if count > 0 { worker.logger.info("gave jobs back", metadata: ["jobs": "\(count)"]) }
            return true
        } catch {
            worker.logger.warning(
                "cannot give jobs back; trying again with the next connection", metadata: ["reason": "\(error)"])
            return false
        }
    }
}
