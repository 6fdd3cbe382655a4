public import Queue
internal import Synchronization

/// Learns how jobs end, from before they are stored. Their records may be forgotten before anybody asks for them, if
/// many end at once and retention is short.
public final class JobWatch: Sendable {
    private let watcher: CompletionWatcher
    private let awaited: Mutex<[JobID: Awaited]>

    init(_ watcher: CompletionWatcher) {
        self.watcher = watcher
        awaited = Mutex([:])
    }

    deinit { watcher.forgo(awaited.withLock { Array($0.values) }) }

    /// Listens for these jobs too. Once it has returned, no end is missed; without Redis it returns after two seconds.
    public func add(_ ids: [JobID]) async throws(QueueError) {
        let more = try await watcher.expect(ids)
        awaited.withLock { awaited in for one in more { awaited[one.id] = one } }
    }

    /// Waits until a job has ended; after that, the job is no longer watched.
    ///
    /// - Returns: the job after its end, or as it is after `timeout`. If the job was forgotten, only state and time.
    public func end(of id: JobID, timeout: Duration) async throws(QueueError) -> JobRecord {
        guard let one = awaited.withLock({ $0[id] }) else { return try await watcher.wait(for: id, timeout: timeout) }
        let record = try await watcher.wait(for: one, until: .now + timeout)
        if record.state.hasEnded || record.state == .unknown {
            awaited.withLock { $0[id] = nil }
            watcher.forgo([one])
        }
        return record
    }
}

extension Enqueue {
    /// For learning how jobs end that are about to be stored.
    public func watch() -> JobWatch { JobWatch(watcher) }
}
