internal import PackhorseRedis

extension Queue {
    /// Stops handing out jobs; running jobs continue.
    ///
    /// - Returns: false if the queue was already paused.
    @discardableResult
    public func pause() async throws(QueueError) -> Bool {
        try await run(.pause, arguments: 1, now: nil) { $0.append("1") }.int == 1
    }

    /// - Returns: false if the queue was not paused.
    @discardableResult
    public func resume() async throws(QueueError) -> Bool {
        try await run(.pause, arguments: 1, now: nil) { $0.append("0") }.int == 1
    }
}
