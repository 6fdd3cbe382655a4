internal import Synchronization

/// Fires once; whoever waits for it then, or later, goes on.
final class Signal: Sendable {
    private let state = Mutex<(fired: Bool, waiter: CheckedContinuation<Void, Never>?)>((false, nil))

    func fire() {
        let waiter = state.withLock { state in
            let waiter = state.waiter
            state = (true, nil)
            return waiter
        }
        waiter?.resume()
    }

    /// Returns when it has fired, at `deadline`, or when the task is cancelled. For one waiter.
    func wait(until deadline: ContinuousClock.Instant) async {
        let timer = Task {
            try? await Task.sleep(until: deadline, clock: .continuous)  // the deadline itself; cancelled when it fires
            fire()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let fired = state.withLock { state in
                    if !state.fired { state.waiter = continuation }
                    return state.fired
                }
                if fired { continuation.resume() }
            }
        } onCancel: {
            fire()
        }
        timer.cancel()
    }
}
