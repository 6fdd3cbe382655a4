internal import PackhorseRedis

extension Queue {
    /// Cancels a job. A waiting job is `cancelled` now. A running job's worker is told at once, and the job is
    /// cancelled when its handler ends.
    ///
    /// - Returns: the state before; `unknown` or an ended state if there was nothing to do.
    @discardableResult
    public func cancel(_ id: JobID, now: Int? = nil) async throws(QueueError) -> JobState {
        let reply = try await run(.cancel, arguments: 1, now: now) { append(id, to: &$0) }
        return reply.array?.first?.string.flatMap(JobState.init(rawValue:)) ?? .unknown
    }
}
