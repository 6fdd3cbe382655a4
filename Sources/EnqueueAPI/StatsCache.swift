internal import Enqueue
internal import Queue

/// The numbers of all queues and their schedules, read at most once a second, however often they are requested.
actor StatsCache {
    struct Numbers: Sendable {
        let stats: Stats
        /// Of all queues.
        let schedules: [Schedule]
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
            return Numbers(stats: stats, schedules: schedules)
        }
        last = (numbers, .now)
        return try await numbers.value
    }
}
