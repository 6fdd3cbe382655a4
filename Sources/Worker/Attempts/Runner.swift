internal import Synchronization

/// One task that runs jobs; to cancel a job, its task is cancelled.
///
/// | phase | `runs` | `cancelNow` |
/// |---|---|---|
/// | starting | → running | → cancelled |
/// | running | | cancels the task → cancelled |
/// | cancelled | cancels the task | |
final class Runner: Sendable {
    private enum Phase {
        /// It does not know its task yet.
        case starting
        case running(Task<Void, Never>)
        case cancelled
    }

    private let executor: JobExecutor
    private let phase = Mutex(Phase.starting)

    /// - Parameter executor: where the task runs.
    init(on executor: JobExecutor) {
        self.executor = executor
    }

    func runs(as task: Task<Void, Never>) {
        let isCancelled = phase.withLock { phase in
            if case .cancelled = phase { return true }
            phase = .running(task)
            return false
        }
        if isCancelled { task.cancel() }
    }

    /// What a handler does on cancellation may block, so it gets a thread for handlers.
    func cancel() {
        Task(executorPreference: executor) { self.cancelNow() }
    }

    func cancelNow() {
        let task = phase.withLock { phase -> Task<Void, Never>? in
            defer { phase = .cancelled }
            return if case .running(let task) = phase { task } else { nil }
        }
        task?.cancel()
    }
}
