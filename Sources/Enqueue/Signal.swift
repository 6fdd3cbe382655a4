internal import Dispatch
internal import Queue
internal import Synchronization

/// Fires once; a task that waits for it then, or later, continues.
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

    /// Returns when it has fired, at `deadline`, or when the task is cancelled. Only one task may wait.
    func wait(until deadline: ContinuousClock.Instant) async {
        // Not a sleeping task: after its cancellation it would stay in memory until its time is up.
        let timer = DispatchSource.makeTimerSource()
        timer.setEventHandler { [self] in fire() }
        timer.schedule(deadline: .now() + .milliseconds(max(0, (deadline - .now).milliseconds + 1)))
        timer.activate()
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
