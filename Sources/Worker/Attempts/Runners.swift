internal import DequeModule
internal import Queue
internal import Synchronization

/// The tasks that run jobs, as many as may run at once, on the threads for handlers.
///
/// A runner takes one attempt after the other, so a short job does not need its own task. Waiting attempts are started
/// one runner at a time: each runner that begins wakes the next. So short jobs are done by a few runners without
/// switching threads, while a job that suspends or blocks makes room for the next runner at once.
final class Runners: Sendable {
    private struct State {
        var waiting: Deque<Work> = []
        var running: [ObjectIdentifier: Work] = [:]
        var sleepers = Sleepers()
        var room = RoomWait()
        var lastJob = LastJobWait()
        let limit: Int

        /// A resync may have returned more jobs than there is room for.
        var mayBegin: Bool { !waiting.isEmpty && running.count < limit }

        /// How many more jobs may be claimed now; nil if none.
        ///
        /// While a quarter of the room is still taken by attempts that have not begun, claiming more is not urgent, and
        /// the next batch gets larger.
        var free: Int? {
            let free = limit - running.count - waiting.count
            return free > 0 && waiting.count <= limit / 4 ? free : nil
        }

        /// Chooses which runner to wake for waiting attempts.
        mutating func wake() -> Sleepers.Call { mayBegin ? sleepers.wake() : .nobody }

        func isBusy(for session: WorkerSession) -> Bool {
            waiting.contains { $0.session === session } || running.values.contains { $0.session === session }
        }
    }

    /// What follows when a runner takes its next work; everything except the work is done outside the lock.
    private struct Handover: Sendable {
        var work: Work?
        var call: Sleepers.Call
        var answer: RoomWait.Answer?
        var leaver: LastJobWait.Leaver?
    }

    private let executor: JobExecutor
    private let state: Mutex<State>

    init(limit: Int) {
        state = Mutex(State(limit: limit))
        executor = JobExecutor(limit: limit + 64)
    }

    /// How many jobs run or are about to run.
    var busy: Int { state.withLock { $0.running.count + $0.waiting.count } }

    /// Whether any of them belong to this session; those of a lapsed session may continue for any time.
    func isBusy(for session: WorkerSession) -> Bool { state.withLock { $0.isBusy(for: session) } }

    /// How many more jobs may be claimed now; waits until there is room. Nil once closed, 0 after a nudge.
    func free() async -> Int? {
        await withCheckedContinuation { loop in
            let answer = state.withLock { state in
                let free = state.free
                return state.room.ask(loop, room: free)
            }
            answer?.give()
        }
    }

    /// Begins work as soon as there is room for it.
    func start(_ work: [Work]) {
        act(
            on: state.withLock { state in
                state.waiting.append(contentsOf: work)
                return state.wake()
            })
    }

    /// Wakes the claim loop without room, so that it checks its lease.
    func nudge() { state.withLock { $0.room.nudge() }?.give() }

    /// Ends the claim loop: nothing more is claimed, and running jobs continue.
    func close() { state.withLock { $0.room.close() }?.give() }

    /// Interrupts the attempts for which `selects` is true. Those that have not begun will not begin.
    ///
    /// - Parameter outcome: the outcome of those that have not begun; nil if nothing may be written for them.
    func interrupt(_ why: Interruption, unbegun outcome: Outcome?, where selects: (Attempt) -> Bool) {
        let running = state.withLock { state in
            // Under the lock, so that `claims` always finds a claim either here or among the outcomes.
            state.waiting.removeAll { $0.isTakenBack(why, outcome, where: selects) }
            return Array(state.running.values)
        }
        running.forEach { $0.interrupt(why, where: selects) }
    }

    /// The claims of one queue whose attempts run or are about to run.
    func claims(of session: WorkerSession, from queue: Queue) -> [Claim] {
        state.withLock { state in
            (state.waiting + state.running.values).flatMap(\.attempts)
                .filter { $0.session === session && $0.queue.name == queue.name }.map(\.claim)
        }
    }

    /// Returns when no job of the session runs any more, after `limit`, or on `giveUp`.
    ///
    /// - Parameter isOver: whether to give up at once; true before `giveUp` is called.
    /// - Returns: whether all have ended.
    func allEnded(of session: WorkerSession, within limit: Duration, isOver: () -> Bool) async -> Bool {
        let number = Int.random(in: 0...Int.max)
        var timer: Task<Void, Never>?
        await withCheckedContinuation { (leaver: LastJobWait.Leaver) in
            let done = state.withLock { state in
                if !state.isBusy(for: session) || isOver() { return true }
                state.lastJob.begin(for: session, number, leaver)
                return false
            }
            if done { return leaver.resume() }
            // Started only here: with a short limit it would otherwise end before anybody waits, and nobody would end
            // the wait.
            timer = Task {
                try? await Task.sleep(for: limit)  // the limit itself; cancelled when all have ended
                giveUp(number)
            }
        }
        timer?.cancel()
        return !isBusy(for: session)
    }

    /// Ends a wait for the last job: any wait, or the one with this number.
    func giveUp(_ number: Int? = nil) { state.withLock { $0.lastJob.end(number) }?.resume() }

    private func act(on call: consuming Sleepers.Call) {
        switch call {
        case .nobody: break
        case .sleeper(let runner): runner.resume(returning: true)
        case .new:
            let runner = Runner(on: executor)
            let task = Task(executorPreference: executor) { [self] in await run(runner) }
            runner.runs(as: task)
        }
    }

    private func run(_ runner: Runner) async {
        var next = turn(after: nil, woken: true)
        while true {
            if let work = next {
                let wasInterrupted = await work.run(on: runner)
                // The task is cancelled with its job, perhaps a moment later, so another runner replaces it.
                if wasInterrupted {
                    _ = turn(after: work, takes: false)
                    return
                }
                next = turn(after: work)
            } else {
                let woken = await sleep()
                next = turn(after: nil, woken: woken)
            }
        }
    }

    /// Finishes the last work and takes the next; wakes whatever can continue because of that.
    ///
    /// - Parameters:
    ///   - woken: whether this runner is the one that was woken.
    ///   - takes: false for a runner that ends.
    private func turn(after last: Work?, woken: Bool = false, takes: Bool = true) -> Work? {
        let next = state.withLock { state -> Handover in
            if woken { state.sleepers.came() }
            if let last { state.running[last.id] = nil }
            let work = takes && state.mayBegin ? state.waiting.popFirst() : nil
            if let work { state.running[work.id] = work }
            let free = state.free
            let answer = state.room.found(free)
            var leaver: LastJobWait.Leaver?
            if let session = state.lastJob.session, !state.isBusy(for: session) { leaver = state.lastJob.end() }
            return Handover(work: work, call: state.wake(), answer: answer, leaver: leaver)
        }
        act(on: next.call)
        next.answer?.give()
        next.leaver?.resume()
        return next.work
    }

    /// - Returns: true if this runner was woken, false if something is waiting already.
    private func sleep() async -> Bool {
        await withCheckedContinuation { runner in
            let sleeps = state.withLock { state in
                let mayBegin = state.mayBegin
                return state.sleepers.sleep(runner, mayBegin: mayBegin)
            }
            if !sleeps { runner.resume(returning: false) }
        }
    }
}
