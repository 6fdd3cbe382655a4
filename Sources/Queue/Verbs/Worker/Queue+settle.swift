internal import PackhorseRedis

extension Queue {
    /// Writes the outcomes of claimed jobs, at most 1,000.
    ///
    /// - Returns: the ids that were refused: another worker has these jobs now, or this worker's lease has lapsed.
    package func settle(
        _ batch: [Settled], by worker: String, now: Int? = nil
    ) async throws(QueueError) -> [JobID] {
        guard !batch.isEmpty else { return [] }
        var bytes = 256
        var kept = 0
        var wins = 0
        for settled in batch {
            bytes += 140 + settled.outcome.size
            guard settled.isPlainSuccess else { continue }
            wins += 1
            kept += settled.claim.body.count
        }
        let count = 3 + 3 * wins + 5 * (batch.count - wins)
        let reply = try await run(.settle, arguments: count, capacity: bytes, now: now) { command in
            command.append(worker)
            command.append(wins)
            command.append(kept)
            for settled in batch where settled.isPlainSuccess {
                append(settled.claim.id, to: &command)
                command.append(settled.claim.token)
                command.append(settled.outcome.detail)
            }
            guard wins < batch.count else { return }
            for settled in batch where !settled.isPlainSuccess {
                append(settled.claim.id, to: &command)
                command.append(settled.claim.token)
                command.append(settled.outcome.word)
                command.append(settled.outcome.delay)
                command.append(settled.outcome.detail)
            }
        }
        return (reply.array ?? []).compactMap { Self.id($0) }
    }
}
