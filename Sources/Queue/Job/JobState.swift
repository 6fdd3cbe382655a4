/// Where a job stands. There is no other state, and docs/states.md has the only ways from one to the next.
public enum JobState: String, Sendable, Codable, CaseIterable {
    /// Waits for its time.
    case scheduled
    /// Ready: a worker that has room takes it.
    case queued
    /// A worker has claimed it.
    case running
    /// Waits for its next attempt.
    case retrying
    /// Its handler returned; the result is kept for a while.
    case succeeded
    /// It will not run again by itself: its attempts are spent, it was discarded, or it crashed its workers.
    case dead
    /// Somebody called it off.
    case cancelled
    /// Nobody started it in time.
    case expired
    /// The answer for an id that Redis does not know (any more). Never stored.
    case unknown

    /// True for succeeded, dead, cancelled and expired: nothing more happens by itself.
    public var hasEnded: Bool {
        switch self {
        case .succeeded, .dead, .cancelled, .expired: true
        case .scheduled, .queued, .running, .retrying, .unknown: false
        }
    }
}
