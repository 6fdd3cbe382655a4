internal import PackhorseRedis
internal import Queue
internal import Synchronization

/// A session that ended and could not give its jobs back because Redis did not answer.
struct Leftover: Sendable {
    let name: String
    let queues: [Queue]
    /// Stays subscribed until the jobs are given back: this shows Redis that the worker lives.
    let calls: RedisSubscription

    init(_ name: String, in queues: [Queue], _ calls: RedisSubscription) {
        self.name = name
        self.queues = queues
        self.calls = calls
    }
}

/// Jobs that a worker must still give back from earlier sessions. After Redis stalled, they are given back as soon as
/// it answers, before anybody considers the worker dead.
final class Leftovers: Sendable {
    private let sessions = Mutex<[Leftover]>([])

    func add(_ leftover: Leftover) { sessions.withLock { $0.append(leftover) } }

    /// - Throws: if a queue can't be reached; the next call tries again.
    func giveBack() async throws(QueueError) {
        while let leftover = sessions.withLock({ $0.first }) {
            for queue in leftover.queues { try await queue.leave(leftover.name, timeout: .seconds(2)) }
            sessions.withLock { sessions in sessions.removeAll { $0.name == leftover.name } }
            await leftover.calls.close()
        }
    }

    /// For when the worker ends.
    func drop() async {
        let rest = sessions.withLock { sessions in
            defer { sessions = [] }
            return sessions
        }
        for leftover in rest { await leftover.calls.close() }
    }
}
