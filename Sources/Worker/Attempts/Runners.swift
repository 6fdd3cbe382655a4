internal import DequeModule
internal import Queue
internal import Synchronization

/// The tasks that run jobs, as many as may run at once, on the threads for handlers.
///
/// A runner takes one attempt after the other, so a short job costs no task of its own. Attempts that wait are started
/// one runner at a time: each one that begins wakes the next. Short jobs are thus done by a few runners without
/// hopping between threads, while a job that suspends or blocks leaves its place to the next runner at once.
final class Runners: Sendable {
    private struct State {
        var waiting: Deque<Attempt> = []
        var running: [ObjectIdentifier: Attempt] = [:]
        var asleep: [CheckedContinuation<Void, Never>] = []
        /// A runner was woken and has not come yet.
        var waking = false
        var closed = false
        var claimer: CheckedContinuation<Int?, Never>?
        /// The claim loop is to look at its lease.
        var nudged = false
        var leaver: Leaver?
        let limit: Int

        /// A resync may have brought more than there were places for.
        var mayBegin: Bool { !waiting.isEmpty && running.count < limit }

        func isBusy(for session: WorkerSession) -> Bool {
            waiting.contains { $0.session === session } || running.values.contains { $0.session === session }
        }
    }

    /// Who waits for the last job of a session.
    private struct Leaver {
        let session: WorkerSession
        let number: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    /// What a woken runner is: one that slept, or a new one.
    private enum Wake {
        case sleeper(CheckedContinuation<Void, Never>)
        case new
        case none
    }

    private typealias Handover = (
        attempt: Attempt?, wake: Wake, claimer: CheckedContinuation<Int?, Never>?, free: Int?,
        leaver: Leaver?
    )

    let limit: Int
    private let executor: JobExecutor
    private let state: Mutex<State>

    init(limit: Int) {
        self.limit = limit
        state = Mutex(State(limit: limit))
        executor = JobExecutor(limit: limit + 64)
    }

    /// How many jobs run or are about to.
    var busy: Int { state.withLock { $0.running.count + $0.waiting.count } }

    /// Whether any of them belong to this session; those of a lapsed one may go on for as long as they like.
    func isBusy(for session: WorkerSession) -> Bool { state.withLock { $0.isBusy(for: session) } }

    /// How many more may be claimed now; waits for the first. Nil once closed, 0 after a nudge.
    ///
    /// While a quarter of the places is still taken by attempts that nobody has begun, claiming more is no hurry, and
    /// the next batch gets larger.
    func free() async -> Int? {
        await withCheckedContinuation { continuation in
            let answer: Int?? = state.withLock { state in
                if state.closed { return .some(nil) }
                if state.nudged {
                    state.nudged = false
                    return 0
                }
                if let free = free(state) { return .some(free) }
                state.claimer = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    private func free(_ state: State) -> Int? {
        let free = limit - state.running.count - state.waiting.count
        return free > 0 && state.waiting.count <= limit / 4 ? free : nil
    }

    /// Begins attempts, as soon as there are places for them.
    func start(_ attempts: [Attempt]) {
        act(
            on: state.withLock { state in
                state.waiting.append(contentsOf: attempts)
                return wake(&state)
            })
    }

    /// Wakes the claim loop with nothing free, so that it looks at its lease.
    func nudge() {
        let claimer = state.withLock { state in
            let claimer = state.claimer.take()
            state.nudged = claimer == nil
            return claimer
        }
        claimer?.resume(returning: 0)
    }

    /// Ends the claim loop: nothing is claimed any more, what runs goes on.
    func close() {
        let claimer = state.withLock { state in
            state.closed = true
            return state.claimer.take()
        }
        claimer?.resume(returning: nil)
    }

    /// Interrupts the attempts that `selects` selects. Those that have not begun won't.
    ///
    /// - Parameter outcome: what becomes of those; nil if nothing may be written of them.
    func interrupt(_ why: Interruption, unbegun outcome: Outcome?, where selects: (Attempt) -> Bool) {
        let running = state.withLock { state in
            if let outcome {
                // Under the lock: `claims` finds a claim here or among the outcomes, always.
                for attempt in state.waiting where selects(attempt) { attempt.endUnbegun(outcome) }
            }
            state.waiting.removeAll(where: selects)
            return state.running.values.filter(selects)
        }
        running.forEach { $0.interrupt(why) }
    }

    /// The claims of one queue whose attempts run or are about to.
    func claims(of session: WorkerSession, from queue: Queue) -> [Claim] {
        state.withLock { state in
            (state.waiting + state.running.values).filter { $0.session === session && $0.queue.name == queue.name }
                .map(\.claim)
        }
    }

    /// Returns when no job of the session runs, after `limit`, or on `giveUp`.
    ///
    /// - Parameter isOver: whether to give up at once; true before `giveUp` is called.
    /// - Returns: whether all have ended.
    func allEnded(of session: WorkerSession, within limit: Duration, isOver: () -> Bool) async -> Bool {
        let number = Int.random(in: 0...Int.max)
        var timer: Task<Void, Never>?
        await withCheckedContinuation { continuation in
            let done = state.withLock { state in
                if !state.isBusy(for: session) || isOver() { return true }
                state.leaver = Leaver(session: session, number: number, continuation: continuation)
                return false
            }
            if done { return continuation.resume() }
            // Only now: with a short limit it would end before anybody waits, and nobody would wake the one who does.
            timer = Task {
                try? await Task.sleep(for: limit)  // the limit itself; cancelled when all have ended
                giveUp(number)
            }
        }
        timer?.cancel()
        return !isBusy(for: session)
    }

    /// Ends a wait for the last job: any, or the one of this number.
    func giveUp(_ number: Int? = nil) {
        let leaver = state.withLock { state in
            number == nil || state.leaver?.number == number ? state.leaver.take() : nil
        }
        leaver?.continuation.resume()
    }

    /// Chooses whom to wake for waiting attempts: at most one at a time, who will wake the next.
    private func wake(_ state: inout State) -> Wake {
        guard !state.waking, state.mayBegin else { return .none }
        state.waking = true
        return state.asleep.popLast().map { .sleeper($0) } ?? .new
    }

    private func act(on wake: consuming Wake) {
        switch wake {
        case .none: break
        case .sleeper(let runner): runner.resume()
        case .new:
            let runner = Runner(on: executor)
            let task = Task(executorPreference: executor) { [self] in await run(runner) }
            runner.runs(as: task)
        }
    }

    private func run(_ runner: Runner) async {
        var next = turn(after: nil, woken: true)
        while true {
            if let attempt = next {
                let wasInterrupted = await attempt.run(on: runner)
                // The task is cancelled with its job, perhaps in a moment: another one takes its place.
                if wasInterrupted {
                    _ = turn(after: attempt, takes: false)
                    return
                }
                next = turn(after: attempt)
            } else {
                let woken = await sleep()
                next = turn(after: nil, woken: woken)
            }
        }
    }

    /// Puts the last attempt away and takes the next; wakes whoever can go on because of that.
    ///
    /// - Parameters:
    ///   - woken: this runner is the one that `wake` has chosen.
    ///   - takes: false for a runner that ends.
    private func turn(after last: Attempt?, woken: Bool = false, takes: Bool = true) -> Attempt? {
        let (attempt, wake, claimer, free, leaver) = state.withLock { state -> Handover in
            if woken { state.waking = false }
            if let last { state.running[ObjectIdentifier(last)] = nil }
            let attempt = takes && state.mayBegin ? state.waiting.popFirst() : nil
            if let attempt { state.running[ObjectIdentifier(attempt)] = attempt }
            let free = self.free(state)
            let claimer = free == nil ? nil : state.claimer.take()
            let leaver = state.leaver.flatMap { state.isBusy(for: $0.session) ? nil : state.leaver.take() }
            return (attempt, self.wake(&state), claimer, free, leaver)
        }
        act(on: wake)
        claimer?.resume(returning: free)
        leaver?.continuation.resume()
        return attempt
    }

    /// - Returns: true if `wake` has chosen this runner, false if something waits anyway.
    private func sleep() async -> Bool {
        var chosen = true
        await withCheckedContinuation { continuation in
            let stays = state.withLock { state in
                guard !state.mayBegin || state.waking else { return false }
                state.asleep.append(continuation)
                return true
            }
            if !stays {
                chosen = false
                continuation.resume()
            }
        }
        return chosen
    }
}

/// One task that runs jobs; whoever wants its job cancelled cancels the task.
final class Runner: Sendable {
    private let executor: JobExecutor
    private let state = Mutex<(task: Task<Void, Never>?, cancelled: Bool)>((nil, false))

    /// - Parameter executor: where the task runs.
    init(on executor: JobExecutor) {
        self.executor = executor
    }

    func runs(as task: Task<Void, Never>) {
        let cancelled = state.withLock { state in
            state.task = task
            return state.cancelled
        }
        if cancelled { task.cancel() }
    }

    /// What a handler does on cancellation may block, so that it gets a thread for handlers.
    func cancel() {
        Task(executorPreference: executor) { self.cancelNow() }
    }

    func cancelNow() {
        let task = state.withLock { state in
            state.cancelled = true
            return state.task
        }
        task?.cancel()
    }
}
