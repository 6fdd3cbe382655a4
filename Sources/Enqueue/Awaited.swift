internal import Queue
internal import Synchronization

/// A job that somebody waits for, and what is known about its end.
final class Awaited: Sendable {
    /// How and when it ended, according to the message; its record may already be forgotten.
    struct End: Sendable {
        let state: JobState
        let at: Int
    }

    let id: JobID
    private let state = Mutex<(end: End?, signal: Signal)>((nil, Signal()))

    init(_ id: JobID) { self.id = id }

    var end: End? { state.withLock { $0.end } }

    /// Wakes the waiting task, which then checks the job.
    func wake(_ end: End? = nil) {
        let signal = state.withLock { state in
            if let end { state.end = end }
            return state.signal
        }
        signal.fire()
    }

    /// Waits for the next `wake` after the last `arm`.
    func wait(until deadline: ContinuousClock.Instant) async {
        await state.withLock { $0.signal }.wait(until: deadline)
    }

    /// Call it before checking the job, so that no later wake is missed.
    func arm() { state.withLock { $0.signal = Signal() } }
}
