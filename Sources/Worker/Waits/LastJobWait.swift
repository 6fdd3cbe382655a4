/// A session's wait for the last of its jobs. One session waits at a time.
///
/// | phase | `begin` | `end`, of any or of this wait | `end` of another wait |
/// |---|---|---|---|
/// | nobody waits | → somebody waits | | |
/// | somebody waits | | wakes the leaver → nobody waits | |
struct LastJobWait {
    typealias Leaver = CheckedContinuation<Void, Never>

    /// Nil while nobody waits.
    private var wait: (session: WorkerSession, number: Int, leaver: Leaver)?

    /// The session whose jobs are awaited.
    var session: WorkerSession? { wait?.session }

    /// - Parameter number: identifies this wait, for `end`.
    mutating func begin(for session: WorkerSession, _ number: Int, _ leaver: Leaver) {
        precondition(wait == nil, "two sessions wait for their last jobs")
        wait = (session, number, leaver)
    }

    /// - Parameter number: the number of the wait to end; nil for any.
    /// - Returns: the leaver to resume outside the lock.
    mutating func end(_ number: Int? = nil) -> Leaver? {
        guard let wait, number == nil || number == wait.number else { return nil }
        self.wait = nil
        return wait.leaver
    }
}
