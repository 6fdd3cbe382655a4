internal import PackhorseRedis

extension Queue {
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
}
