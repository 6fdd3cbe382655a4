internal import DequeModule
internal import Dispatch
internal import Foundation
internal import Synchronization

/// The threads that run handlers, separate from the pool that reserves, settles and replies.
///
/// There is one thread per core, and there are more while handlers hold all of them without suspending. So a handler
/// may block or compute for minutes, and the worker and its other jobs keep running. A watch checks this every 10 ms,
/// but only while something waits for a thread.
final class JobExecutor: TaskExecutor {
    private struct State {
        var waiting: Deque<UnownedJob> = []
        var threads = 0
        /// Threads that sleep and have not been woken.
        var idle = 0
        /// How many pieces of work were taken since the start; the watch compares it.
        var taken = 0
        var watched = false
    }

    private enum Step {
        case run(UnownedJob)
        case sleep
    }

    private let base: Int
    private let limit: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let alarm = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - base: the number of threads that stay, at least 1.
    ///   - limit: the maximum number of threads.
    init(base: Int = max(2, ProcessInfo.processInfo.activeProcessorCount), limit: Int) {
        self.base = base
        self.limit = max(limit, base)
        for _ in 0..<base { addThread() }
        start("jobs-watch") { $0.watch() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let (sleeper, watcher) = state.withLock { state in
            state.waiting.append(job)
            if state.idle > 0 {
                state.idle -= 1
                return (true, false)
            }
            let first = !state.watched
            state.watched = true
            return (false, first)
        }
        if sleeper { wake.signal() }
        if watcher { alarm.signal() }
    }

    private func addThread() {
        state.withLock { $0.threads += 1 }
        start("jobs") { $0.work() }
    }

    /// An executor lives as long as the process: its threads keep it alive.
    private func start(_ name: String, _ body: @escaping @Sendable (JobExecutor) -> Void) {
        let thread = Thread { body(self) }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func work() {
        let executor = asUnownedTaskExecutor()
        while true {
            switch state.withLock({ state -> Step in
                if let job = state.waiting.popFirst() {
                    state.taken += 1
                    return .run(job)
                }
                state.idle += 1
                return .sleep
            }) {
            case .run(let job): job.runSynchronously(on: executor)
            case .sleep: if !sleep() { return }
            }
        }
    }

    /// - Returns: false if this thread is not needed and has had nothing to do for ten seconds.
    private func sleep() -> Bool {
        guard wake.wait(timeout: .now() + 10) == .timedOut else { return true }
        let ends = state.withLock { state in
            guard state.idle > 0, state.threads > base else { return false }
            state.idle -= 1
            state.threads -= 1
            return true
        }
        if ends { return false }
        wake.wait()
        return true
    }

    private func watch() {
        var before = -1
        while true {
            alarm.wait()
            while true {
                Thread.sleep(forTimeInterval: 0.01)  // the watch's interval, on its own thread
                let (calm, stuck, taken) = state.withLock { state in
                    let calm = state.waiting.isEmpty
                    if calm { state.watched = false }
                    return (calm, state.taken == before && state.threads < limit, state.taken)
                }
                before = taken
                if calm { break }
                if stuck { addThread() }
            }
        }
    }
}
