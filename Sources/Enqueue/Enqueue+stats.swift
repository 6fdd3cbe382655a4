public import Queue

/// All queues and workers in numbers: the output of `enqueue stats --json`.
public struct Stats: Sendable, Codable, Equatable {
    /// Sorted by name.
    public var queues: [QueueStats]
    /// Sorted by id; a worker that serves several queues is listed once.
    public var workers: [WorkerStats]

    /// Takes the lists as they are; `Enqueue.stats` sorts them.
    public init(queues: [QueueStats], workers: [WorkerStats]) {
        self.queues = queues
        self.workers = workers
    }

    /// One line of JSON, keys in alphabetical order.
    public func json() throws -> [UInt8] { try JSONText.value(self) }
}

extension Enqueue {
    /// Counts of all queues, each read in one call, and the workers that serve them.
    public func stats() async throws(QueueError) -> Stats {
        var stats = Stats(queues: [], workers: [])
        var workers: [String: WorkerStats] = [:]
        for queue in try await queues() {
            let (numbers, serving) = try await queue.stats()
            stats.queues.append(numbers)
            for worker in serving {
                // Each queue knows only the claims in it; everything else is the same in each.
                let elsewhere = workers[worker.id]
                workers[worker.id] = worker
                workers[worker.id]?.running += elsewhere?.running ?? 0
                if let elsewhere { workers[worker.id]?.lastBeat = max(worker.lastBeat, elsewhere.lastBeat) }
            }
        }
        stats.workers = workers.values.sorted { $0.id < $1.id }
        return stats
    }
}
