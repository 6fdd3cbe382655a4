/// The state of a job. There are no other states; docs/states.md lists all transitions.
public enum JobState: String, Sendable, Codable, CaseIterable {
    /// Waits until its start time.
    case scheduled
    /// Ready: a worker with room takes it.
    case queued
    /// A worker has claimed it.
    case running
    /// Waits for its next attempt.
    case retrying
    /// Its handler returned; the result is kept for a while.
    case succeeded
    /// It will not run again by itself: its attempts are used up, it was discarded, or it crashed its workers.
    case dead
    /// Somebody cancelled it.
    case cancelled
    /// Nobody started it in time.
    case expired
    /// The answer for an id that Redis does not know, or no longer knows. Never stored.
    case unknown

    /// True for succeeded, dead, cancelled and expired: the job does not change by itself any more.
    public var hasEnded: Bool {
        switch self {
        case .succeeded, .dead, .cancelled, .expired: true
        case .scheduled, .queued, .running, .retrying, .unknown: false
        }
    }
}
