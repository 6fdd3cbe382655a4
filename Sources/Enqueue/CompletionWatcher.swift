internal import Foundation
internal import Queue
internal import PackhorseRedis
internal import Synchronization

/// Waits for jobs to end: one subscription a queue, however many wait, and none once nobody has for a while.
///
/// What is published while the subscription is not up is missed, so each time that it comes up all awaited jobs are
/// looked at once.
final class CompletionWatcher: Sendable {
    private struct State {
        var waiting: [JobID: [ObjectIdentifier: Signal]] = [:]
        var subscriptions: [QueueName: Subscription] = [:]
        var closed = false
    }
    private struct Subscription {
        let channel: RedisSubscription
        /// How many wait, and when the last one left.
        var waiting = 0
        var lastUse = ContinuousClock.now
    }
    private let url: RedisURL
    private let connection: RedisConnection
    private let linger: Duration
    private let state = Mutex(State())

    /// - Parameter linger: how long a subscription outlives the last wait.
    init(_ url: RedisURL, _ connection: RedisConnection, linger: Duration = .seconds(30)) {
        self.url = url
        self.connection = connection
        self.linger = linger
    }

    deinit {
        let channels = state.withLock { $0.subscriptions.values.map(\.channel) }
        // Each of them lives until its thread has ended.
        if !channels.isEmpty { Task { for channel in channels { await channel.close() } } }
    }

    func wait(for id: JobID, timeout: Duration) async throws(QueueError) -> JobRecord {
        let queue = Queue(try id.queue, on: connection)
        let deadline = ContinuousClock.now + timeout
        if !enter(queue.name) {
            // Only a job that is there and goes on is worth a subscription to its queue.
            let record = try await queue.status(id)
            if record.state.hasEnded || record.state == .unknown || timeout <= .zero { return record }
            listen(to: queue)
        }
        defer { leave(queue.name) }
        while true {
            // First in line, then look: what ends in between is not missed.
            let signal = Signal()
            state.withLock { $0.waiting[id, default: [:]][ObjectIdentifier(signal)] = signal }
            defer { forget(signal, id) }
            let record = try await queue.status(id)
            if record.state.hasEnded || record.state == .unknown || deadline <= .now || isClosed { return record }
            await signal.wait(until: deadline)
            if Task.isCancelled { return record }
        }
    }

    func close() async {
        let (subscriptions, waiting) = state.withLock { state in
            state.closed = true
            let all = (state.subscriptions.values, state.waiting.values.flatMap(\.values))
            state.subscriptions = [:]
            state.waiting = [:]
            return all
        }
        waiting.forEach { $0.fire() }
        for subscription in subscriptions { await subscription.channel.close() }
    }

    private var isClosed: Bool { state.withLock { $0.closed } }

    private func forget(_ signal: Signal, _ id: JobID) {
        state.withLock { state in
            state.waiting[id]?[ObjectIdentifier(signal)] = nil
            if state.waiting[id]?.isEmpty == true { state.waiting[id] = nil }
        }
    }

    private func wake(_ ids: some Sequence<JobID>) {
        let signals = state.withLock { state in ids.flatMap { id in state.waiting[id].map { Array($0.values) } ?? [] } }
        signals.forEach { $0.fire() }
    }

    /// One more waits in this queue.
    ///
    /// - Returns: false if there is no subscription to it.
    private func enter(_ queue: QueueName) -> Bool {
        state.withLock { state in
            guard state.subscriptions[queue] != nil else { return false }
            state.subscriptions[queue]?.waiting += 1
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
    private func listen(to queue: Queue) {
        let channel: RedisSubscription? = state.withLock { state in
            guard !state.closed else { return nil }
            if state.subscriptions[queue.name] != nil {
                state.subscriptions[queue.name]?.waiting += 1
                return nil
            }
            let channel = RedisSubscription(
                url, name: "packhorse-completions", channels: [queue.endedChannel],
                listening: { [weak self] _ in self?.wakeAll(of: queue.name) },
                // Without Redis their look fails after a while, and so does the wait.
                lost: { [weak self] in self?.wakeAll(of: queue.name) },
                heard: { [weak self] _, message in self?.heard(message) })
            state.subscriptions[queue.name] = Subscription(channel: channel, waiting: 1)
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

    /// Those who wait look for themselves.
    private func wakeAll(of queue: QueueName) {
        wake(state.withLock { Array($0.waiting.keys) }.filter { (try? $0.queue) == queue })
    }

    private func heard(_ message: [UInt8]) {
        wake(Queue.idsOfEnded(message))
    }
}
