internal import Synchronization

/// The jobs that a worker may run at once. The claim loop waits until at least one is free and asks for all of them.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var closed = false
        var waiter: CheckedContinuation<Int?, Never>?
    }

    let count: Int
    private let state: Mutex<State>

    init(_ count: Int) {
        precondition(count >= 1, "a worker needs a concurrency of at least 1")
        self.count = count
        state = Mutex(State(free: count))
    }

    /// How many are free now; waits for the first. Nil once closed, 0 after a nudge.
    func free() async -> Int? {
        await withCheckedContinuation { continuation in
            let answer: Int?? = state.withLock { state in
                if state.closed { return .some(nil) }
                if state.free > 0 { return .some(state.free) }
                state.waiter = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    func take(_ n: Int) { state.withLock { $0.free -= n } }

    func give() {
        let (waiter, free) = state.withLock { state in
            state.free += 1
            let waiter = state.waiter
            state.waiter = nil
            return (waiter, state.free)
        }
        waiter?.resume(returning: free)
    }

    /// Wakes the claim loop with nothing free, so that it looks at its lease.
    func nudge() {
        let waiter = state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: 0)
    }

    /// Ends the claim loop: nothing is claimed any more, what runs goes on.
    func close() {
        let waiter = state.withLock { state in
            state.closed = true
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: nil)
    }

    var busy: Int { count - state.withLock { $0.free } }
}
