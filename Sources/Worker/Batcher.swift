internal import Synchronization

/// Gathers items while the last batch is under way: a group commit without a timer.
final class Batcher<Item: Sendable>: Sendable {
    private struct State {
        var pending: [Item] = []
        var waiter: CheckedContinuation<Void, Never>?
        var closed = false
    }
    private let state = Mutex(State())

    init() {}

    func add(_ item: Item) {
        let waiter = state.withLock { state in
            state.pending.append(item)
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// After what has gathered, `next` gives nil.
    func close() {
        let waiter = state.withLock { state in
            state.closed = true
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// All that has gathered, `limit` at most; waits for the first.
    func next(limit: Int) async -> [Item]? {
        while true {
            let (batch, closed): ([Item], Bool) = state.withLock { state in
                if state.pending.count <= limit {
                    let batch = state.pending
                    state.pending = []
                    if !batch.isEmpty { state.pending.reserveCapacity(batch.count) }
                    return (batch, state.closed)
                }
                let batch = Array(state.pending.prefix(limit))
                state.pending.removeFirst(limit)
                return (batch, state.closed)
            }
            if !batch.isEmpty { return batch }
            if closed { return nil }
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.pending.isEmpty && !state.closed {
                        state.waiter = continuation
                        return false
                    }
                    return true
                }
                if ready { continuation.resume() }
            }
        }
    }
}
