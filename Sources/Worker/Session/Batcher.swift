internal import Queue
internal import Synchronization

/// Collects items while the last batch is being written: a group commit without a timer.
final class Batcher<Item: Sendable>: Sendable {
    private struct State {
        var pending: [Item] = []
        var wait = BatchWait.open
        /// The last batch, until its taker asks for the next.
        var taken: [Item] = []
    }
    private let state = Mutex(State())

    init() {}

    func add(_ item: Item) {
        let taker = state.withLock { state in
            state.pending.append(item)
            return state.wait.gathered()
        }
        taker?.resume()
    }

    /// After the items collected so far, `next` returns nil.
    func close() { state.withLock { $0.wait.close() }?.resume() }

    /// Whether nothing is collected and the last batch is finished: its taker waits for the next.
    var isIdle: Bool { state.withLock { $0.pending.isEmpty && $0.taken.isEmpty } }

    /// The collected items, and the last batch.
    var items: [Item] { state.withLock { $0.taken + $0.pending } }

    /// All collected items, up to the limit of one script call; waits for the first.
    ///
    /// - Parameter size: the size of one item, in bytes.
    func next(size: (Item) -> Int) async -> [Item]? {
        while true {
            let (batch, closed): ([Item], Bool) = state.withLock { state in
                let count = Queue.firstBatch(of: state.pending, bytes: size)
                if count == state.pending.count {
                    state.taken = state.pending
                    state.pending = []
                    state.pending.reserveCapacity(count)
                } else {
                    state.taken = Array(state.pending.prefix(count))
                    state.pending.removeFirst(count)
                }
                return (state.taken, state.wait.isClosed)
            }
            if !batch.isEmpty { return batch }
            if closed { return nil }
            await withCheckedContinuation { (taker: BatchWait.Taker) in
                let waits = state.withLock { state in
                    guard state.pending.isEmpty else { return false }
                    return state.wait.begin(taker)
                }
                if !waits { taker.resume() }
            }
        }
    }
}
