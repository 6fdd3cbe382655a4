public import PackhorseRedis

/// What producers and operators do: look, cancel, retry, purge, pause.
extension Queue {
    /// What is known of jobs, in the order of the ids. An id that Redis doesn't know is `unknown`, never pending.
    public func status(_ ids: [JobID], now: Int? = nil) async throws(QueueError) -> [JobRecord] {
        var records: [JobRecord] = []
        var rest = ids[...]
        while !rest.isEmpty {
            let batch = rest.prefix(100)
            let reply = try await run(.status, arguments: batch.count, now: now) { command in
                for id in batch { append(id, to: &command) }
            }
            // Large ones come a few at a time.
            let rows = reply.array ?? []
            for (id, row) in zip(batch, rows) { records.append(JobRecord(id, row: row.array ?? [])) }
            rest = rest.dropFirst(max(1, rows.count))
        }
        return records
    }

    /// What is known of one job; its state is `unknown` if Redis does not know it (any more).
    public func status(_ id: JobID, now: Int? = nil) async throws(QueueError) -> JobRecord {
        try await status([id], now: now).first ?? JobRecord(id, row: [])
    }

    /// Calls a job off. A waiting one is `cancelled` now; a running one is told at once, and is when its handler ends.
    ///
    /// - Returns: the state before; `unknown`, or an ended one, if there was nothing to do.
    @discardableResult
    public func cancel(_ id: JobID, now: Int? = nil) async throws(QueueError) -> JobState {
        let reply = try await run(.cancel, arguments: 1, now: now) { append(id, to: &$0) }
        return reply.array?.first?.string.flatMap(JobState.init(rawValue:)) ?? .unknown
    }

    /// Runs a job again that is dead, cancelled or expired, or at once one that waits for its time.
    ///
    /// - Throws: `QueueError.wrongState` when it runs, is ready already, has succeeded, or is not known.
    public func retry(_ id: JobID, now: Int? = nil) async throws(QueueError) {
        let reply = try await run(.retry, arguments: 2, now: now) { command in
            append(id, to: &command)
            command.append(1)
        }
        guard let parts = reply.array, parts.count == 3, parts[0].int == 0 else { return }
        throw .wrongState(
            id: id.text, state: parts[1].string.flatMap(JobState.init(rawValue:)) ?? .unknown,
            wanted: "only dead, cancelled, expired, retrying and scheduled jobs can be retried")
    }

    /// Runs all dead jobs again, oldest first, a thousand a step, fewer large ones.
    ///
    /// - Returns: how many.
    public func retryDead(now: Int? = nil) async throws(QueueError) -> Int {
        // Not more than are dead now: those that fail again meanwhile are not retried a second time.
        var left = try await count("ZCARD", "dead")
        var total = 0
        while left > 0 {
            let reply = try await run(.retry, arguments: 2, now: now) { command in
                command.append("")
                command.append(min(left, Self.batchLimit))
            }
            guard let parts = reply.array, parts.count == 3, let seen = parts[2].int, seen > 0 else { return total }
            total += parts[0].int ?? 0
            left -= seen
        }
        return total
    }

    /// Forgets one dead job.
    ///
    /// - Returns: false if it was not dead.
    public func purge(_ id: JobID) async throws(QueueError) -> Bool {
        try await run(.purge, arguments: 2, now: nil) { command in
            append(id, to: &command)
            command.append(1)
        }.int == 1
    }

    /// Forgets all jobs that are dead now, a thousand a step.
    ///
    /// - Returns: how many.
    public func purgeDead() async throws(QueueError) -> Int {
        var left = try await count("ZCARD", "dead")
        var total = 0
        while left > 0 {
            let step = min(left, Self.batchLimit)
            total +=
                try await run(.purge, arguments: 2, now: nil) { command in
                    command.append("")
                    command.append(step)
                }.int ?? 0
            left -= step
        }
        return total
    }

    /// Stops the handing out of jobs; those that run go on.
    ///
    /// - Returns: false if the queue was paused already.
    @discardableResult
    public func pause() async throws(QueueError) -> Bool {
        try await run(.pause, arguments: 1, now: nil) { $0.append("1") }.int == 1
    }

    /// - Returns: false if the queue was not paused.
    @discardableResult
    public func resume() async throws(QueueError) -> Bool {
        try await run(.pause, arguments: 1, now: nil) { $0.append("0") }.int == 1
    }

    /// Wakes one worker that sleeps on this queue's bell, if there is one.
    public func ring() async throws(QueueError) {
        var command = RedisCommand("ZADD", arguments: 3)
        command.append(base + "bell")
        command.append("0")
        command.append("ring")
        _ = try await send(command)
    }

    /// As many queues as there may be on one Redis; producers often let their callers choose names.
    public static let countLimit = 1000

    /// Lists the queue's name, so that operators see it.
    ///
    /// - Throws: `QueueError.invalid` if it is a new one and there are 1,000 queues already (a few more when several
    ///   processes come at once).
    public func register() async throws(QueueError) {
        func ask(_ verb: StaticString, _ arguments: String...) async throws(QueueError) -> Int? {
            var command = RedisCommand(verb, arguments: 1 + arguments.count)
            command.append("ph:queues")
            for argument in arguments { command.append(argument) }
            let reply = try await send(command)
            if case .error(let message) = reply { throw .refused(script: "register", message: message) }
            return reply.int
        }
        if try await ask("SISMEMBER", name.text) == 1 { return }
        guard try await ask("SCARD") ?? 0 < Self.countLimit else {
            throw .invalid(
                "queue '\(name)' would be a new one, and there are \(Self.countLimit) already: use one of these, or take "
                    + "names that nobody needs any more out of the set ph:queues")
        }
        _ = try await ask("SADD", name.text)
    }

    /// All queues that were ever used on this Redis, by name.
    public static func all(on connection: RedisConnection) async throws(QueueError) -> [Queue] {
        var command = RedisCommand("SMEMBERS", arguments: 1)
        command.append("ph:queues")
        let reply: RedisReply
        do {
            reply = try await connection.send(command)
        } catch {
            throw .redis(error)
        }
        if case .error(let message) = reply { throw .refused(script: "SMEMBERS ph:queues", message: message) }
        return (reply.array ?? []).compactMap { $0.string }.sorted().compactMap { try? QueueName($0) }
            .map { Queue($0, on: connection) }
    }

    private func count(_ command: StaticString, _ key: String) async throws(QueueError) -> Int {
        var count = RedisCommand(command, arguments: 1)
        count.append(base + key)
        return try await send(count).int ?? 0
    }
}
