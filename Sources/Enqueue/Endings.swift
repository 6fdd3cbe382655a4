internal import Foundation
internal import Queue
internal import Redis
internal import Synchronization

/// Waits for jobs to end: one subscription a queue, however many wait, and none while nobody does.
///
/// What is published while the subscription is not up is missed, so each time that it comes up all awaited jobs are
/// looked at once.
final class Endings: Sendable {
    private struct State {
        var waiting: [JobID: [ObjectIdentifier: Signal]] = [:]
        var subscriptions: [QueueName: RedisSubscription] = [:]
        var closed = false
    }
    private let url: RedisURL
    private let connection: RedisConnection
    private let state = Mutex(State())

    init(_ url: RedisURL, _ connection: RedisConnection) {
        self.url = url
        self.connection = connection
    }

    func wait(for id: JobID, timeout: Duration) async throws(QueueError) -> JobRecord {
        let queue = Queue(try id.queue, on: connection)
        let deadline = ContinuousClock.now + timeout
        if !state.withLock({ $0.subscriptions.keys.contains(queue.name) }) {
            // Only a job that is there and goes on is worth a subscription to its queue.
            let record = try await queue.status(id)
            if record.state.hasEnded || record.state == .unknown || timeout <= .zero { return record }
            listen(to: queue)
        }
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
        for subscription in subscriptions { await subscription.close() }
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

    private func listen(to queue: Queue) {
        let subscription: RedisSubscription? = state.withLock { state in
            guard !state.closed, state.subscriptions[queue.name] == nil else { return nil }
            let subscription = RedisSubscription(
                url, name: "packhorse-endings", channels: [queue.endedChannel],
                listening: { [weak self] in self?.wakeAll(of: queue.name) },
                heard: { [weak self] _, message in self?.heard(message) })
            state.subscriptions[queue.name] = subscription
            return subscription
        }
        subscription?.start()
    }

    /// Those who wait look for themselves.
    private func wakeAll(of queue: QueueName) {
        wake(state.withLock { Array($0.waiting.keys) }.filter { (try? $0.queue) == queue })
    }

    private func heard(_ message: [UInt8]) {
        wake(Queue.idsOfEnded(message))
    }
}
