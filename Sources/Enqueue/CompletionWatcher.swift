internal import Foundation
internal import PackhorseRedis
internal import Queue
internal import Synchronization

/// Waits for jobs to end: one subscription per queue, however many tasks wait, and none after nobody has waited for a
/// while.
///
/// No wait depends on a message: after every `pause`, all awaited jobs are checked, a thousand per call. This also
/// notices a server that has become a replica, on which nothing is published; then the connections are replaced.
final class CompletionWatcher: Sendable {
    private struct State {
        var waiting: [JobID: [ObjectIdentifier: Awaited]] = [:]
        var subscriptions: [QueueName: Subscription] = [:]
        /// Checks all awaited jobs; nil while nobody waits.
        var looking: Task<Void, Never>?
        var closed = false
    }
    private struct Subscription {
        let channel: RedisSubscription
        /// How many jobs are awaited, and when the last wait ended.
        var waiting = 0
        var lastUse = ContinuousClock.now
    }
    /// Those who follow the progress of jobs also wait for their ends.
    let progress: ProgressListeners
    private let url: RedisURL
    private let connection: RedisConnection
    private let linger: Duration
    private let pause: Duration
    private let state = Mutex(State())

    /// How long to wait for the message of an end that is known to have happened.
    private static let patience = Duration.seconds(2)

    /// - Parameters:
    ///   - linger: how long a subscription outlives the last wait.
    ///   - pause: between two checks of all awaited jobs.
    init(
        _ url: RedisURL, _ connection: RedisConnection, linger: Duration = .seconds(30), pause: Duration = .seconds(2)
    ) {
        progress = ProgressListeners(url)
        self.url = url
        self.connection = connection
        self.linger = linger
        self.pause = pause
    }

    deinit {
        let (channels, looking) = state.withLock { ($0.subscriptions.values.map(\.channel), $0.looking) }
        looking?.cancel()
        // Each subscription lives until its thread has ended.
        if !channels.isEmpty { Task { for channel in channels { await channel.close() } } }
    }

    func wait(for id: JobID, timeout: Duration) async throws(QueueError) -> JobRecord {
        let queue = Queue(id.queue, on: connection)
        let deadline = ContinuousClock.now + timeout
        if !enter(queue.name) {
            // Only a job that exists and has not ended is worth a subscription to its queue.
            let record = try await queue.status(id)
            if record.state.hasEnded || record.state == .unknown || timeout <= .zero { return record }
            listen(to: queue)
        }
        defer { leave(queue.name) }
        let awaited = register([id])[0]
        defer { forget([awaited]) }
        return try await wait(for: awaited, until: deadline)
    }

    /// Listens for the ends of jobs that are about to be stored; returns when it is listening.
    func expect(_ ids: [JobID]) async throws(QueueError) -> [Awaited] {
        let names = Set(ids.map(\.queue))
        let awaited = register(ids)
        for name in names {
            let jobs = awaited.filter { $0.id.queue == name }
            if enter(name, jobs.count) { continue }
            listen(to: Queue(name, on: connection), for: jobs.count)
            // The check after a subscription finds that none of them is stored yet, and wakes their waiters.
            await jobs.first?.wait(until: .now + Self.patience)
        }
        return awaited
    }

    /// Ends the waits that `expect` has begun.
    func forgo(_ awaited: [Awaited]) {
        forget(awaited)
        for one in awaited { leave(one.id.queue) }
    }

    func wait(for awaited: Awaited, until deadline: ContinuousClock.Instant) async throws(QueueError) -> JobRecord {
        let queue = Queue(awaited.id.queue, on: connection)
        while true {
            // Register first, then check: so an end in between is not missed.
            awaited.arm()
            var record = try await queue.status(awaited.id)
            if record.state == .unknown {
                // It was forgotten. Its end was published before that, and the message may be on its way.
                if awaited.end == nil, !isClosed { await awaited.wait(until: min(deadline, .now + Self.patience)) }
                if let end = awaited.end { record = JobRecord(forgotten: awaited.id, end.state, at: end.at) }
                return record
            }
            if record.state.hasEnded || deadline <= .now || isClosed { return record }
            await awaited.wait(until: deadline)
            if Task.isCancelled { return record }
        }
    }

    func close() async {
        let (subscriptions, waiting, looking) = state.withLock { state in
            state.closed = true
            let all = (state.subscriptions.values, state.waiting.values.flatMap(\.values), state.looking)
            state.subscriptions = [:]
            state.waiting = [:]
            state.looking = nil
            return all
        }
        looking?.cancel()
        waiting.forEach { $0.wake() }
        for subscription in subscriptions { await subscription.channel.close() }
    }

    private var isClosed: Bool { state.withLock { $0.closed } }

    private func register(_ ids: [JobID]) -> [Awaited] {
        let awaited = ids.map(Awaited.init)
        state.withLock { state in
            for one in awaited { state.waiting[one.id, default: [:]][ObjectIdentifier(one)] = one }
            guard state.looking == nil, !state.closed else { return }
            state.looking = Task { [weak self, pause] in
                var generation = self?.connection.generation
                while (try? await Task.sleep(for: pause)) != nil, let self {  // until nobody waits
                    generation = await self.look(since: generation)
                    if self.stopsLooking() { return }
                }
            }
        }
        return awaited
    }

    private func forget(_ awaited: [Awaited]) {
        state.withLock { state in
            for one in awaited {
                state.waiting[one.id]?[ObjectIdentifier(one)] = nil
                if state.waiting[one.id]?.isEmpty == true { state.waiting[one.id] = nil }
            }
        }
    }

    private func stopsLooking() -> Bool {
        state.withLock { state in
            if state.waiting.isEmpty { state.looking = nil }
            return state.waiting.isEmpty
        }
    }

    /// Wakes the waiters of jobs that have ended or are gone; if Redis can't be asked, all waiters: their own check
    /// gives the reason.
    ///
    /// - Parameter generation: of the connection at the last check; if it has increased, the subscriptions reconnect
    ///   too.
    /// - Returns: the generation at this check.
    private func look(since generation: Int?) async -> Int {
        let jobs = Dictionary(grouping: state.withLock { Array($0.waiting.keys) }) { $0.queue }
        for (queue, jobs) in jobs { await look(at: jobs, in: queue) }
        let now = connection.generation
        if let generation, generation != now {
            for subscription in state.withLock({ Array($0.subscriptions.values) }) { subscription.channel.reconnect() }
            progress.reconnect()
        }
        return now
    }

    private func look(at jobs: [JobID], in queue: QueueName) async {
        do {
            wake(try await Queue(queue, on: connection).ended(jobs))
        } catch {
            wake(jobs)
        }
    }

    private func wake(_ ids: some Sequence<JobID>, _ end: Awaited.End? = nil) {
        let awaited = state.withLock { state in ids.flatMap { id in state.waiting[id].map { Array($0.values) } ?? [] } }
        awaited.forEach { $0.wake(end) }
    }

    /// Counts this many more awaited jobs of the queue.
    ///
    /// - Returns: false if there is no subscription to the queue.
    private func enter(_ queue: QueueName, _ jobs: Int = 1) -> Bool {
        state.withLock { state in
            guard state.subscriptions[queue] != nil else { return false }
            state.subscriptions[queue]?.waiting += jobs
            return true
        }
    }

    private func leave(_ queue: QueueName) {
        state.withLock { state in
            state.subscriptions[queue]?.waiting -= 1
            state.subscriptions[queue]?.lastUse = .now
        }
    }

    /// The same as `enter`, with a new subscription if there is none.
    private func listen(to queue: Queue, for jobs: Int = 1) {
        let channel: RedisSubscription? = state.withLock { state in
            guard !state.closed else { return nil }
            if state.subscriptions[queue.name] != nil {
                state.subscriptions[queue.name]?.waiting += jobs
                return nil
            }
            let channel = RedisSubscription(
                url, name: "packhorse-completions", channels: [queue.name(of: .ended)],
                listening: { [weak self] _ in
                    Task { [weak self] in
                        guard let self else { return }
                        await self.look(at: self.jobs(of: queue.name), in: queue.name)
                    }
                },
                // Without Redis their check fails after a while, and so does the wait.
                lost: { [weak self] in self?.wakeAll(of: queue.name) },
                heard: { [weak self] _, message in self?.heard(message) })
            state.subscriptions[queue.name] = Subscription(channel: channel, waiting: jobs)
            return channel
        }
        guard let channel else { return }
        channel.start()
        Task { [weak self, linger] in
            repeat {
                try? await Task.sleep(for: linger)  // all that this task does; it ends with its owner and asks nobody
            } while await self?.dropIfUnused(queue.name) == false
        }
    }

    /// - Returns: whether the subscription is gone.
    private func dropIfUnused(_ queue: QueueName) async -> Bool {
        let (gone, channel): (Bool, RedisSubscription?) = state.withLock { state in
            guard let subscription = state.subscriptions[queue] else { return (true, nil) }
            guard subscription.waiting == 0, subscription.lastUse + linger <= .now else { return (false, nil) }
            state.subscriptions[queue] = nil
            return (true, subscription.channel)
        }
        await channel?.close()
        return gone
    }

    /// The waiting tasks check their jobs themselves.
    private func wakeAll(of queue: QueueName) {
        wake(jobs(of: queue))
    }

    private func jobs(of queue: QueueName) -> [JobID] {
        state.withLock { Array($0.waiting.keys) }.filter { $0.queue == queue }
    }

    private func heard(_ message: [UInt8]) {
        guard case .ended(let ids, let state, let at)? = QueueEvent(on: .ended, message) else { return }
        wake(ids, Awaited.End(state: state, at: at))
    }
}
