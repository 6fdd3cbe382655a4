internal import PackhorseRedis

/// The result of storing a job.
public enum Enqueued: Sendable, Equatable {
    /// It was stored under its own id.
    case stored(JobID)
    /// A job that has not ended holds the same idempotency key, or the id is already known: the id of the existing job.
    case existing(JobID)

    /// The id under which to look up the job.
    public var id: JobID {
        switch self {
        case .stored(let id), .existing(let id): id
        }
    }
}

extension Queue {
    /// Stores jobs, a thousand atomically at a time (fewer if they are large), and wakes an idle worker.
    ///
    /// After an error, some of the thousands may be stored. Repeat the call with the same jobs: their ids prevent that
    /// one is stored twice.
    ///
    /// - Returns: one entry per job, in their order.
    /// - Throws: `QueueError.full` if Redis has no memory left, `.redis` if it can't be reached.
    @discardableResult
    public func enqueue(_ jobs: [NewJob], now: Int? = nil) async throws(QueueError) -> [Enqueued] {
        var answers = jobs.map { Enqueued.stored($0.id) }
        // While Redis stores one batch, the next is already sent and the one after that is prepared.
        var last: (batch: Batch, reply: PendingReply)?
        var rest = jobs[...]
        while true {
            let first = rest.prefix(Self.firstBatch(of: rest) { $0.arguments.size })
            let next = try await pack(first, now: now)
            rest = rest.dropFirst(first.count)
            let posted = next.map { ($0, connection.post($0.command)) }
            if let (batch, sent) = last {
                let reply = try await reply(to: batch.command, of: batch.script, sent: sent)
                for (position, id) in batch.known(reply) { answers[position] = .existing(id) }
            }
            guard let posted else { return answers }
            last = posted
        }
    }

    /// How many of the first jobs go with one script call: at most `batchLimit`, and up to `batchBytes`, but at least
    /// one.
    ///
    /// - Parameter bytes: the size of one job.
    @inlinable public static func firstBatch<Item>(of items: some Collection<Item>, bytes: (Item) -> Int) -> Int {
        var (count, sum) = (0, 0)
        for item in items.prefix(batchLimit) {
            sum += bytes(item)
            if count > 0, sum > batchBytes { break }
            count += 1
        }
        return count
    }

    /// Jobs that go with one script call.
    private struct Batch {
        let jobs: ArraySlice<NewJob>
        let script: Script
        let command: RedisCommand

        /// The positions of the jobs that were not stored, and the ids of the existing jobs.
        func known(_ reply: RedisReply) -> [(Int, JobID)] {
            let elements = reply.array ?? []
            let each = script.name == Script.enqueueWithRules.name ? 2 : 1
            return stride(from: 0, to: elements.count - each + 1, by: each).compactMap { i in
                guard let place = elements[i].int, (1...jobs.count).contains(place) else { return nil }
                let position = jobs.startIndex + place - 1
                return (position, each == 1 ? jobs[position].id : Queue.id(elements[i + 1]) ?? jobs[position].id)
            }
        }
    }

    /// - Returns: nil if there are no jobs.
    private func pack(_ jobs: ArraySlice<NewJob>, now: Int?) async throws(QueueError) -> Batch? {
        guard var headed = jobs.first else { return nil }
        let created = now ?? UUIDv7.milliseconds()
        let priority = headed.options.priority
        var isPlain = true
        var header = try headed.header(created: created)
        var headers: [[UInt8]] = []
        headers.reserveCapacity(jobs.count)
        var bytes = 256
        for job in jobs {
            // Jobs that are stored together usually have the same header.
            if !job.sharesHeader(with: headed) {
                header = try job.header(created: created)
                headed = job
                if job.hasRules || job.options.priority != priority { isPlain = false }
            }
            headers.append(header)
            bytes += header.count + job.arguments.size + 96
        }
        if isPlain {
            let count = 1 + 2 * jobs.count
            let command = try await command(.enqueue, arguments: count, capacity: bytes, now: now) { command in
                command.append(priority.rawValue)
                for job in jobs { append(job.id, to: &command) }
                for (job, header) in zip(jobs, headers) { command.append(header, job.arguments.stored) }
            }
            return Batch(jobs: jobs, script: .enqueue, command: command)
        }
        var rules: [[UInt8]] = []
        for job in jobs { rules.append(try job.rules()) }
        let command = try await command(.enqueueWithRules, arguments: 3 * jobs.count, capacity: bytes, now: now) {
            command in
            for (i, job) in jobs.enumerated() {
                append(job.id, to: &command)
                command.append(headers[i], job.arguments.stored)
                command.append(rules[i])
            }
        }
        return Batch(jobs: jobs, script: .enqueueWithRules, command: command)
    }
}
