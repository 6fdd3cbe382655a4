internal import PackhorseRedis

extension Queue {
    /// The sequences in which a job has its turn, and those that a dead job has halted, by key.
    ///
    /// - Parameter limit: at most so many, 1 to 10,000.
    public func sequences(limit: Int = 1000) async throws(QueueError) -> [SequenceStats] {
        try await readSequences("", min(max(limit, 1), 10_000))
    }

    /// One sequence; nil if nothing of it waits or runs, and nothing has halted it.
    ///
    /// - Throws: `QueueError.field` for a key out of range.
    public func sequence(_ key: String) async throws(QueueError) -> SequenceStats? {
        try JobSequence.check(key: key)
        return try await readSequences(KeyText.stored(key), 1).first
    }

    /// Lets a halted sequence go on with its next job. The job that halted it stays dead; if it is retried later, it waits for
    /// its turn again.
    ///
    /// - Returns: false if it was not halted; nil if there is no such sequence.
    /// - Throws: `QueueError.field` for a key out of range.
    public func resumeSequence(_ key: String, now: Int? = nil) async throws(QueueError) -> Bool? {
        try JobSequence.check(key: key)
        let reply = try await run(.sequenceResume, arguments: 1, now: now) { $0.append(KeyText.stored(key)) }
        return reply.int.map { $0 == 1 }
    }

    private func readSequences(_ key: String, _ most: Int) async throws(QueueError) -> [SequenceStats] {
        let rows = try await run(.sequenceList, arguments: 2, now: nil) { command in
            command.append(key)
            command.append(most)
        }
        return (rows.array ?? []).compactMap { row in
            guard let row = row.array, row.count == 4, let key = row[0].string, let job = Self.id(row[1]) else {
                return nil
            }
            return SequenceStats(key: key, blocker: job, isHalted: row[2].int == 1, following: row[3].int ?? 0)
        }
    }
}
