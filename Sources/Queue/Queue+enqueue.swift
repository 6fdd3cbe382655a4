internal import Redis

/// What became of a job that was to be stored.
public enum Enqueued: Sendable, Equatable {
    /// It was stored under its own id.
    case stored(JobID)
    /// A living job holds the same idempotency key, or the id is known already: this one stands for it.
    case existing(JobID)

    /// The id under which to ask for the job.
    public var id: JobID {
        switch self {
        case .stored(let id), .existing(let id): id
        }
    }
}

extension Queue {
    /// Stores jobs, all at once for each thousand of them, and wakes an idle worker. May be repeated with the same jobs.
    ///
    /// - Returns: one entry a job, in their order.
    /// - Throws: `QueueError.full` when Redis has no memory left, `.redis` when it can't be reached.
    @discardableResult
    public func enqueue(_ jobs: [NewJob], now: Int? = nil) async throws(QueueError) -> [Enqueued] {
        var outcomes: [Enqueued] = []
        outcomes.reserveCapacity(jobs.count)
        var rest = jobs[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Self.batchLimit)
            rest = rest.dropFirst(batch.count)
            outcomes += try await store(batch, now: now)
        }
        return outcomes
    }

    private func store(_ batch: ArraySlice<NewJob>, now: Int?) async throws(QueueError) -> [Enqueued] {
        var packed: [(rules: [UInt8], body: [UInt8])] = []
        packed.reserveCapacity(batch.count)
        var bytes = 256
        for job in batch {
            let item = (rules: try job.rules(), body: try job.body())
            bytes += item.rules.count + item.body.count + 80
            packed.append(item)
        }
        let reply = try await run(.enqueue, arguments: 3 * batch.count, capacity: bytes, now: now) { command in
            for (job, item) in zip(batch, packed) {
                command.append(job.id.text)
                command.append(item.rules)
                command.append(item.body)
            }
        }
        var outcomes = batch.map { Enqueued.stored($0.id) }
        let skipped = reply.array ?? []
        for i in stride(from: 0, to: skipped.count - 1, by: 2) {
            guard let position = skipped[i].int, outcomes.indices.contains(position - 1), let id = skipped[i + 1].string
            else { continue }
            outcomes[position - 1] = .existing(JobID(stored: id))
        }
        return outcomes
    }
}
