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
        var outcomes = jobs.map { Enqueued.stored($0.id) }
        // While Redis stores one batch, the next lies before it and the one after that is made ready.
        var last: (batch: ArraySlice<NewJob>, command: RedisCommand, reply: PendingReply)?
        var rest = jobs[...]
        while true {
            let next = try await pack(rest.prefix(Self.batchLimit), now: now)
            rest = rest.dropFirst(Self.batchLimit)
            let posted = next.map { ($0.batch, $0.command, connection.post($0.command)) }
            if let (batch, command, sent) = last {
                let skipped = try await reply(to: command, of: .enqueue, sent: sent).array ?? []
                for i in stride(from: 0, to: skipped.count - 1, by: 2) {
                    guard let position = skipped[i].int, (1...batch.count).contains(position),
                        let id = skipped[i + 1].string
                    else { continue }
                    outcomes[batch.startIndex + position - 1] = .existing(JobID(stored: id))
                }
            }
            guard let posted else { return outcomes }
            last = posted
        }
    }

    /// - Returns: the command that stores the batch; nil for an empty one.
    private func pack(_ batch: ArraySlice<NewJob>, now: Int?) async throws(QueueError) -> (
        batch: ArraySlice<NewJob>, command: RedisCommand
    )? {
        guard var headed = batch.first else { return nil }
        var header = try headed.header()
        var headers: [[UInt8]] = []
        headers.reserveCapacity(batch.count)
        var rules: [[UInt8]] = []
        var bytes = 256
        for job in batch {
            // Jobs that are stored together mostly have the same header.
            if !job.sharesHeader(with: headed) {
                header = try job.header()
                headed = job
            }
            headers.append(header)
            bytes += header.count + job.arguments.count + 96
        }
        if batch.contains(where: \.hasRules) {
            for job in batch { rules.append(try job.rules()) }
        }
        let each = rules.isEmpty ? 2 : 3
        let command = try await command(.enqueue, arguments: 1 + each * batch.count, capacity: bytes, now: now) {
            command in
            command.append(each)
            for (i, job) in batch.enumerated() {
                command.append(job.id.text)
                command.append(headers[i], job.arguments)
                if each == 3 { command.append(rules[i]) }
            }
        }
        return (batch, command)
    }
}
