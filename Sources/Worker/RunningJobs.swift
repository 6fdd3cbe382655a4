internal import Queue
internal import Synchronization

/// The jobs that run under one lease, each with the means to interrupt it.
final class RunningJobs: Sendable {
    /// One attempt under way.
    final class Attempt: Sendable {
        private struct State {
            var task: Task<Void, Never>?
            var interruption: Outcome.Interruption?
        }
        private let state = Mutex(State())

        /// The first reason stays.
        func interrupt(_ why: Outcome.Interruption) {
            let task = state.withLock { state in
                if state.interruption == nil { state.interruption = why }
                return state.task
            }
            task?.cancel()
        }

        func started(_ task: Task<Void, Never>) {
            let interrupted = state.withLock { state in
                state.task = task
                return state.interruption != nil
            }
            if interrupted { task.cancel() }
        }

        var interruption: Outcome.Interruption? { state.withLock { $0.interruption } }
    }

    private struct State {
        var attempts: [JobID: Attempt] = [:]
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    func add(_ id: JobID) -> Attempt {
        let attempt = Attempt()
        state.withLock { $0.attempts[id] = attempt }
        return attempt
    }

    func remove(_ id: JobID) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.attempts[id] = nil
            guard state.attempts.isEmpty else { return nil }
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Interrupts one job; nothing happens if it does not run here.
    func interrupt(_ id: JobID, _ why: Outcome.Interruption) {
        state.withLock { $0.attempts[id] }?.interrupt(why)
    }

    func interruptAll(_ why: Outcome.Interruption) {
        for attempt in state.withLock({ Array($0.attempts.values) }) { attempt.interrupt(why) }
    }

    var count: Int { state.withLock { $0.attempts.count } }

    /// Returns when none runs, or after `limit`.
    ///
    /// - Returns: whether all have ended.
    func allEnded(within limit: Duration) async -> Bool {
        let timer = Task {
            try? await Task.sleep(for: limit)
            giveUp()
        }
        await withCheckedContinuation { continuation in
            let done = state.withLock { state in
                if state.attempts.isEmpty { return true }
                state.waiter = continuation
                return false
            }
            if done { continuation.resume() }
        }
        timer.cancel()
        return count == 0
    }

    /// Ends a wait for the last job.
    func giveUp() {
        let waiter = state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }
}
