internal import Enqueue

/// The numbers of all queues, read at most once a second, however often they are requested.
actor StatsCache {
    private let enqueue: Enqueue
    private var last: (stats: Task<Stats, any Error>, at: ContinuousClock.Instant)?

    init(_ enqueue: Enqueue) { self.enqueue = enqueue }

    func current() async throws -> Stats {
        if let last, last.at.duration(to: .now) < .seconds(1) { return try await last.stats.value }
        let stats = Task { [enqueue] in try await enqueue.stats() }
        last = (stats, .now)
        return try await stats.value
    }
}
