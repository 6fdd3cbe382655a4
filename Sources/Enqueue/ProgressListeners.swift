internal import PackhorseRedis
internal import Queue
internal import Synchronization

/// Receives the progress of jobs: one subscription per queue, however many listeners, and none without listeners.
final class ProgressListeners: Sendable {
    /// Identifies a listener; pass it to `forget`.
    struct Listener: Sendable {
        fileprivate let number: Int
        fileprivate let id: JobID
        fileprivate let queue: QueueName
    }
    private struct Line {
        let channel: RedisSubscription
        var listeners: [JobID: [Int: @Sendable ([UInt8]) -> Void]] = [:]
    }
    private struct State {
        var lines: [QueueName: Line] = [:]
        var last = 0
    }
    private let url: RedisURL
    private let state = Mutex(State())

    init(_ url: RedisURL) { self.url = url }

    deinit { Self.close(state.withLock { $0.lines.values.map(\.channel) }) }

    /// - Parameter heard: called with each report of that job, on the subscription's thread: return quickly.
    func listen(to id: JobID, in queue: Queue, heard: @escaping @Sendable ([UInt8]) -> Void) -> Listener {
        let (listener, channel) = state.withLock { state -> (Listener, RedisSubscription?) in
            state.last += 1
            let listener = Listener(number: state.last, id: id, queue: queue.name)
            let isNew = state.lines[queue.name] == nil
            var line = state.lines[queue.name] ?? Line(channel: subscription(to: queue))
            line.listeners[id, default: [:]][listener.number] = heard
            state.lines[queue.name] = line
            return (listener, isNew ? line.channel : nil)
        }
        channel?.start()
        return listener
    }

    func forget(_ listener: Listener) {
        let unused = state.withLock { state -> RedisSubscription? in
            guard var line = state.lines[listener.queue] else { return nil }
            line.listeners[listener.id]?[listener.number] = nil
            if line.listeners[listener.id]?.isEmpty == true { line.listeners[listener.id] = nil }
            state.lines[listener.queue] = line.listeners.isEmpty ? nil : line
            return line.listeners.isEmpty ? line.channel : nil
        }
        if let unused { Self.close([unused]) }
    }

    /// Call it after another server has taken over: nothing is published on the old one any more.
    func reconnect() {
        for channel in state.withLock({ $0.lines.values.map(\.channel) }) { channel.reconnect() }
    }

    private func subscription(to queue: Queue) -> RedisSubscription {
        RedisSubscription(url, name: "packhorse-progress", channels: [queue.name(of: .progress)]) {
            [weak self] _, message in
            guard case .progress(let id, let json)? = QueueEvent(on: .progress, message) else { return }
            let heard = self?.state.withLock { $0.lines[queue.name]?.listeners[id].map { Array($0.values) } }
            for tell in heard.flatMap(\.self) ?? [] { tell(json) }
        }
    }

    /// Each subscription lives until its thread has ended.
    private static func close(_ channels: [RedisSubscription]) {
        if !channels.isEmpty { Task { for channel in channels { await channel.close() } } }
    }
}
