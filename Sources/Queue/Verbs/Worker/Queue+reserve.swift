internal import PackhorseRedis

/// How a worker gets jobs.
extension Queue {
    /// Hands ready jobs to a worker, after the housekeeping: due jobs become ready, jobs of dead workers run again, and
    /// jobs that are too old are removed.
    ///
    /// - Parameters:
    ///   - count: how many slots of the worker are free, 0 to 1,000; with 0 only the housekeeping is done.
    ///   - resyncs: how often this worker has called `resync`.
    ///   - bell: wait for it first, and reserve at the moment when it rings.
    /// - Throws: `QueueError.lapsed` if the worker has no lease. After any other error the worker may hold jobs that it
    ///   does not know of: it must call `resync` before it reserves again.
    package func reserve(
        upTo count: Int, by worker: String, resyncs: Int = 0, after bell: Bell? = nil, now: Int? = nil
    ) async throws(QueueError) -> Reserved {
        let reply = try await run(.reserve, arguments: 3, now: now, after: bell) { command in
            command.append(worker)
            command.append(min(count, Self.batchLimit))
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
                        id: JobID(key: key), attempt: 1, failures: 0, crashes: 0, startedAt: time,
                        isSpaced: false, body: body, token: first)
                    : Claim(id: JobID(key: key), history: history, startedAt: time, body: body))
        }
        return Reserved(claims: claims, now: time, quietFor: .milliseconds(quiet))
    }
}
