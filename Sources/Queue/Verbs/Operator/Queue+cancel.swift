internal import PackhorseRedis

extension Queue {
    /// Calls a job off. A waiting one is `cancelled` now; a running one is told at once, and is when its handler ends.
    ///
    /// - Returns: the state before; `unknown`, or an ended one, if there was nothing to do.
    @discardableResult
    public func cancel(_ id: JobID, now: Int? = nil) async throws(QueueError) -> JobState {
        let reply = try await run(.cancel, arguments: 1, now: now) { append(id, to: &$0) }
        return reply.array?.first?.string.flatMap(JobState.init(rawValue:)) ?? .unknown
    }
}
