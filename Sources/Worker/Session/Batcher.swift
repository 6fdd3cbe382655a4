internal import Queue
internal import Synchronization

/// Gathers items while the last batch is under way: a group commit without a timer.
final class Batcher<Item: Sendable>: Sendable {
    private struct State {
        var pending: [Item] = []
        var wait = BatchWait.open
        /// The last batch, until its taker comes for the next.
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

    /// After what has gathered, `next` gives nil.
    func close() { state.withLock { $0.wait.close() }?.resume() }

    /// Nothing has gathered, and the last batch is done with: its taker waits for the next.
    var isIdle: Bool { state.withLock { $0.pending.isEmpty && $0.taken.isEmpty } }

    /// What has gathered, and the last batch.
    var items: [Item] { state.withLock { $0.taken + $0.pending } }

    /// All that has gathered, as much as goes with one script call; waits for the first.
    ///
    /// - Parameter size: of one item, in bytes.
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
