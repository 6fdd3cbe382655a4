internal import Enqueue
internal import Queue

/// The numbers of all queues, their schedules and limits, read at most once a second, however often they are requested.
actor StatsCache {
    struct Numbers: Sendable {
        let stats: Stats
        /// Of all queues.
        let schedules: [Schedule]
        /// The keys with limits or waiting jobs by queue, at most 100 of each.
        let limits: [(queue: String, keys: [LimitStats])]
    }

    private let enqueue: Enqueue
    private var last: (numbers: Task<Numbers, any Error>, at: ContinuousClock.Instant)?

    init(_ enqueue: Enqueue) { self.enqueue = enqueue }

    func current() async throws -> Numbers {
        if let last, last.at.duration(to: .now) < .seconds(1) { return try await last.numbers.value }
        let numbers = Task { [enqueue] in
            let stats = try await enqueue.stats()
            var schedules: [Schedule] = []
            for queue in stats.queues where queue.schedules > 0 {
                schedules += try await enqueue.queue(try QueueName(queue.name)).schedules()
            }
            var limits: [(queue: String, keys: [LimitStats])] = []
            for queue in stats.queues {
                // A queue with broken keys must not take the numbers of the others with it.
                let keys = try? await enqueue.queue(try QueueName(queue.name)).limits(limit: 100)
                limits.append((queue.name, keys ?? []))
            }
            return Numbers(stats: stats, schedules: schedules, limits: limits)
        }
        last = (numbers, .now)
        return try await numbers.value
    }
}
