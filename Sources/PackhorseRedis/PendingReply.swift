internal import Synchronization

/// A reply that is on its way, or has arrived and has not been taken yet.
public final class PendingReply: Sendable {
    private struct State {
        var result: Result<RedisReply, RedisError>?
        var waiter: CheckedContinuation<Result<RedisReply, RedisError>, Never>?
    }
    private let state = Mutex(State())

    func put(_ result: Result<RedisReply, RedisError>) {
        let waiter = state.withLock { state in
            state.result = result
            return state.waiter.take()
        }
        waiter?.resume(returning: result)
    }

    /// Waits for the reply. Only one task may call it.
    ///
    /// - Throws: as `RedisConnection.send`.
    public func reply() async throws(RedisError) -> RedisReply {
        let result: Result<RedisReply, RedisError> = await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.result == nil { state.waiter = continuation }
                return state.result
            }
            if let known { continuation.resume(returning: known) }
        }
        return try result.get()
    }
}
