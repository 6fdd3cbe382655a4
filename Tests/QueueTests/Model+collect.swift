import Queue

/// Collect: jobs with the same key wait for each other and are taken together.
extension Model {
    struct Collecting: Equatable {
        var key: String
        var upTo: Int
        var within: Int
    }

    func isCollected(_ id: JobID) -> Bool { jobs[id]?.options.collect != nil }

    /// The jobs of a key that wait for each other, in the order in which they are taken.
    private func gathered(_ key: String) -> [JobID] {
        jobs.filter { $0.value.place == .queued && $0.value.options.collect?.key == key }
            .sorted {
                ($0.value.options.priority.rawValue, $0.value.came, $0.key.key)
                    < ($1.value.options.priority.rawValue, $1.value.came, $1.key.key)
            }
            .map(\.key)
    }

    /// The jobs of a key that are taken next; empty while they wait for others.
    private func batch(_ key: String, now: Int) -> [JobID] {
        let waiting = gathered(key)
        guard let collect = waiting.first.flatMap({ jobs[$0]?.options.collect }) else { return [] }
        let first = waiting.compactMap { jobs[$0]?.came }.min() ?? now
        return waiting.count >= collect.upTo || first + collect.within <= now ? Array(waiting.prefix(collect.upTo)) : []
    }

    /// By the first of their jobs.
    func batches(now: Int) -> [JobID: [JobID]] {
        var batches: [JobID: [JobID]] = [:]
        for key in Set(jobs.values.compactMap(\.options.collect?.key)) {
            let batch = batch(key, now: now)
            if let first = batch.first { batches[first] = batch }
        }
        return batches
    }
}
