internal import PackhorseRedis

/// What a worker does with jobs: reserve, resync, note, settle.
extension Queue {
    /// Hands ready jobs to a worker, after the housekeeping: what is due becomes ready, what dead workers held runs
    /// again, what is too old is forgotten.
    ///
    /// - Parameters:
    ///   - count: how many the worker has room for, 0 to 1,000; with 0 only the housekeeping is done.
    ///   - maxCrashes: a job that has killed so many workers goes to dead.
    ///   - resyncs: how often this worker has called `resync`.
    ///   - bell: wait for it first, and reserve in the moment that it rings.
    /// - Throws: `QueueError.lapsed` if the worker has no lease. After any other error the worker may hold jobs that it
    ///   does not know of: it calls `resync` before it reserves again.
    public func reserve(
        upTo count: Int, by worker: String, maxCrashes: Int = 3, retention: Retention = Retention(), resyncs: Int = 0,
        after bell: Bell? = nil, now: Int? = nil
    ) async throws(QueueError) -> Reserved {
        let reply = try await run(.reserve, arguments: 8, now: now, after: bell) { command in
            command.append(worker)
            command.append(min(count, Self.batchLimit))
            command.append(maxCrashes)
            command.append(retention.age.milliseconds)
            command.append(retention.bytes)
            command.append(retention.deadAge.milliseconds)
            command.append(retention.deadBytes)
            command.append(resyncs)
        }
        guard case .array(let parts) = reply, parts.count >= 2, let time = parts[0].int, let quiet = parts[1].int else {
            throw .refused(script: "reserve", message: "unexpected reply")
        }
        var claims: [Claim] = []
        claims.reserveCapacity(parts.count / 3)
        let first = "1|\(time)"
        for i in stride(from: 2, to: parts.count - 2, by: 3) {
            guard case .bytes(let key) = parts[i], case .bytes(let body) = parts[i + 1],
                case .bytes(let history) = parts[i + 2]
            else { continue }
            claims.append(
                history.isEmpty
                    ? Claim(
                        id: JobID(key: key), attempt: 1, failures: 0, crashes: 0, startedAt: time, body: body,
                        token: first)
                    : Claim(id: JobID(key: key), history: history, startedAt: time, body: body))
        }
        return Reserved(claims: claims, now: time, quietFor: .milliseconds(quiet))
    }

    /// What a worker holds and does not know of: for after a reserve that failed, whose jobs are its own all the same
    /// and would stay running for as long as it lives. A reserve that is still on its way gets nothing.
    ///
    /// - Parameters:
    ///   - number: 1 for its first resync, and so on; the same again to repeat one that failed.
    ///   - known: all claims that it knows of and has not settled.
    /// - Returns: the other claims.
    /// - Throws: `QueueError.lapsed` if the worker has no lease.
    public func resync(
        by worker: String, number: Int, besides known: [Claim] = [], timeout: Duration = .seconds(10), now: Int? = nil
    ) async throws(QueueError) -> [Claim] {
        let reply = try await run(.resync, arguments: 2 + 2 * known.count, now: now, timeout: timeout) { command in
            command.append(worker)
            command.append(number)
            for claim in known {
                append(claim.id, to: &command)
                command.append(claim.token)
            }
        }
        guard case .array(let parts) = reply else {
            throw .refused(script: "resync", message: "unexpected reply")
        }
        var claims: [Claim] = []
        for i in stride(from: 0, to: parts.count - 3, by: 4) {
            guard case .bytes(let key) = parts[i], let token = parts[i + 1].string,
                case .bytes(let body) = parts[i + 2],
                case .bytes(let before) = parts[i + 3]
            else { continue }
            let halves = token.split(separator: "|").compactMap { Int($0) }
            guard halves.count == 2 else { continue }
            let counts = Claim.counts(before[...])
            claims.append(
                Claim(
                    id: JobID(key: key), attempt: halves[0], failures: counts[1], crashes: counts[2],
                    startedAt: halves[1], body: body, token: token))
        }
        return claims
    }

    /// Writes what became of claimed jobs, at most 1,000.
    ///
    /// - Returns: the ids that were refused: another worker has them now, or this one's lease has lapsed.
    public func settle(
        _ batch: [Settled], by worker: String, retention: Retention = Retention(), now: Int? = nil
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
        let count = 4 + 3 * wins + 5 * (batch.count - wins)
        let reply = try await run(.settle, arguments: count, capacity: bytes, now: now) { command in
            command.append(worker)
            command.append(retention.age.milliseconds)
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
                command.append(settled.outcome.verb)
                command.append(settled.outcome.delay)
                command.append(settled.outcome.detail)
            }
        }
        return (reply.array ?? []).compactMap { Self.id($0) }
    }

    /// Keeps progress or the results of finished steps.
    ///
    /// - Returns: the ids that were refused, as with `settle`.
    public func saveProgress(_ notes: [(claim: Claim, note: SavedProgress)], by worker: String, now: Int? = nil)
        async throws(QueueError) -> [JobID]
    {
        guard !notes.isEmpty else { return [] }
        let reply = try await run(.saveProgress, arguments: 1 + 4 * notes.count, now: now) { command in
            command.append(worker)
            for (claim, note) in notes {
                append(claim.id, to: &command)
                command.append(claim.token)
                switch note {
                case .progress(let json):
                    command.append("p")
                    command.append(json)
                case .step(let name, let result):
                    command.append("s:" + name)
                    command.append(result)
                }
            }
        }
        return (reply.array ?? []).compactMap { Self.id($0) }
    }

    /// The results of the steps that a job has finished, by name.
    public func steps(of id: JobID) async throws(QueueError) -> [String: [UInt8]] {
        var command = RedisCommand("HGETALL", arguments: 1)
        append(id, to: &command)
        var steps: [String: [UInt8]] = [:]
        let reply = try await send(command)
        // No steps is another thing than no answer: they would be done again.
        if case .error(let message) = reply { throw .refused(script: "HGETALL", message: message) }
        let fields = reply.array ?? []
        for i in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let name = fields[i].string, name.hasPrefix("s:"), case .bytes(let result) = fields[i + 1] else {
                continue
            }
            steps[String(name.dropFirst(2))] = result
        }
        return steps
    }
}

extension Claim {
    /// - Parameter history: `<claim> <attempts> <failures> <crashes>…`
    fileprivate init(id: JobID, history: [UInt8], startedAt: Int, body: [UInt8]) {
        let end = history.firstIndex(of: UInt8(ascii: " ")) ?? history.endIndex
        let token = history[..<end], counts = Self.counts(history[end...])
        self.init(
            id: id, attempt: token.firstIndex(of: UInt8(ascii: "|")).flatMap { JobBody.number(token[..<$0]) } ?? 0,
            failures: counts[1], crashes: counts[2], startedAt: startedAt, body: body,
            token: String(decoding: token, as: UTF8.self))
    }

    /// Field `a`: attempts, failures and crashes.
    fileprivate static func counts(_ a: ArraySlice<UInt8>) -> [Int] {
        let counts = a.split(separator: UInt8(ascii: " ")).map { JobBody.number($0) ?? 0 }
        return (0..<3).map { $0 < counts.count ? counts[$0] : 0 }
    }
}

/// Something to keep about a running job.
public enum SavedProgress: Sendable {
    /// JSON `{"done","of","note"}`; replaces the last one.
    case progress([UInt8])
    /// The result of a finished step, JSON.
    case step(name: String, result: [UInt8])
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
    fileprivate var verb: String {
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
        case .succeeded(let result, _): result.count
        case .failed, .dead, .cancelled: 300
        case .snoozed, .released, .unclaimed: 0
        }
    }

    fileprivate var detail: [UInt8] {
        switch self {
        case .succeeded(let result, _): result
        case .failed(let failure, _), .dead(let failure), .cancelled(let failure): failure.json
        case .snoozed, .released, .unclaimed: []
        }
    }
}
