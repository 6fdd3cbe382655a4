internal import PackhorseRedis

extension Queue {
    /// Writes what became of claimed jobs, at most 1,000.
    ///
    /// - Returns: the ids that were refused: another worker has them now, or this one's lease has lapsed.
    public func settle(
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

extension Settled {
    /// Goes the short way through the script: nothing was kept of the job but its arguments.
    fileprivate var isPlainSuccess: Bool {
        if claim.attempt == 1, case .succeeded(_, dropsSteps: false) = outcome { true } else { false }
    }

    /// About how many bytes are written, or read in Redis, to settle it.
    public var size: Int { outcome.size + (isPlainSuccess ? 0 : claim.body.count) }
}

extension Outcome {
    fileprivate var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .dead: "dead"
        case .snoozed: "snoozed"
        case .cancelled: "cancelled"
        case .released: "released"
        case .unclaimed: "unclaimed"
        }
    }

    /// In ms.
    fileprivate var delay: Int {
        switch self {
        case .failed(_, let delay), .snoozed(let delay), .unclaimed(let delay):
            min(max(0, delay.milliseconds), JobOptions.longest.milliseconds)
        case .succeeded, .dead, .cancelled, .released: 0
        }
    }

    /// About how many bytes it takes to write it.
    fileprivate var size: Int {
        switch self {
        case .succeeded(let result, _): result.size
        case .failed, .dead, .cancelled: 300
        case .snoozed, .released, .unclaimed: 0
        }
    }

    fileprivate var detail: [UInt8] {
        switch self {
        case .succeeded(let result, _): result.stored
        case .failed(let failure, _), .dead(let failure), .cancelled(let failure): failure.json
        case .snoozed, .released, .unclaimed: []
        }
    }
}
