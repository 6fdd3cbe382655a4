internal import Synchronization

/// Gathers items while the last batch is under way: a group commit without a timer.
final class Batcher<Item: Sendable>: Sendable {
    private struct State {
        var pending: [Item] = []
        var waiter: CheckedContinuation<Void, Never>?
        var closed = false
        /// The last batch is being worked on.
        var taken = false
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

    /// Nothing has gathered, and the last batch is done with: its taker waits for the next.
    var isIdle: Bool { state.withLock { $0.pending.isEmpty && !$0.taken } }

    /// All that has gathered, `limit` at most and up to `bytes`; waits for the first.
    ///
    /// - Parameter size: of one item, in bytes.
    func next(limit: Int, bytes: Int, size: (Item) -> Int) async -> [Item]? {
        while true {
            let (batch, closed): ([Item], Bool) = state.withLock { state in
                var (count, sum) = (0, 0)
                for item in state.pending.prefix(limit) {
                    sum += size(item)
                    if count > 0, sum > bytes { break }
                    count += 1
                }
                state.taken = count > 0
                if count == state.pending.count {
                    let batch = state.pending
                    state.pending = []
                    if !batch.isEmpty { state.pending.reserveCapacity(batch.count) }
                    return (batch, state.closed)
                }
                let batch = Array(state.pending.prefix(count))
                state.pending.removeFirst(count)
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
