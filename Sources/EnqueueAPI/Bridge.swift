internal import PackhorseRedis
internal import Queue

/// Repeats repeatable calls when Redis is lost.
enum Bridge {
    /// How long after its start a call is repeated.
    private static let limit = Duration.seconds(10)

    /// Runs `body` again while Redis can't be reached: a connection that breaks, or a master that has become a replica,
    /// fails the calls in flight at once, and a moment later there is a new connection.
    ///
    /// - Parameter body: must do no harm if its first call ran and only the reply was lost.
    static func over<Value>(_ body: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(20)
        while true {
            do {
                return try await body()
            } catch let error as QueueError where error.isLoss && start.duration(to: .now) + pause < limit {
                try await Task.sleep(for: pause)  // until the next attempt
                pause = min(pause * 2, .milliseconds(500))
            }
        }
    }
}

extension QueueError {
    /// Redis may be reachable again in a moment.
    fileprivate var isLoss: Bool {
        guard case .redis(let reason) = self else { return false }
        switch reason {
        case .unreachable: return true
        case .denied, .untrusted, .garbled, .closed: return false
        }
    }
}
