internal import PackhorseRedis

extension Queue {
    /// Runs a job again that is dead, cancelled or expired, or starts a job at once that waits for its time.
    ///
    /// - Throws: `QueueError.wrongState` if it runs, is already ready, has succeeded, or is not known.
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

    /// Runs all dead jobs again, oldest first, a thousand per call, or fewer if they are large.
    ///
    /// - Returns: how many.
    public func retryDead(now: Int? = nil) async throws(QueueError) -> Int {
        // Not more than are dead now: jobs that fail again meanwhile are not retried a second time.
        var left = try await deadCount()
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
}
