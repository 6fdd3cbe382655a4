/// Everything that is known about one job.
public struct JobRecord: Sendable {
    /// The id that was requested.
    public let id: JobID
    /// `unknown` if Redis does not know the id, or no longer knows it.
    public let state: JobState
    /// Nil only if the record was damaged by hand.
    public let body: JobBody?
    /// The last attempt that was started; 0 before the first.
    public let attempt: Int
    /// Failed attempts so far; 0 again after a retry by hand.
    public let failures: Int
    /// How many workers died while they ran it; 0 again after a retry by hand.
    public let crashes: Int
    /// JSON `{"done","of","note"}`.
    public let progress: [UInt8]?
    /// What the handler returned; nil also if it was forgotten.
    public let result: Payload?
    /// What ended the job, or else why the last attempt failed.
    public let error: JobFailure?
    /// The last ten failed attempts, newest first.
    public let errors: [FailedAttempt]
    /// When it is due, while it is scheduled, retrying, or queued but unclaimed; the end of its wait, while it waits for a
    /// signal. All times are in ms since 1970.
    public let runAt: Int?
    /// When the current attempt, or the one that ended the job, started; nil while it waits, or if it ended while
    /// waiting.
    public let startedAt: Int?
    /// When it ended, in whatever state; nil before.
    public let finishedAt: Int?
    /// When it expires if nobody has started it; nil after a retry by hand, or once it has
    /// waited for a signal.
    public let expiresAt: Int?
    /// The key whose permits it waits for, `signal:` and the name of the signal, `sequence:` and the key of the sequence, or
    /// `collect:` and `<type>:<key>`; in keys bytes outside `A-Z a-z 0-9 . _ : -` as `%XX`.
    public let waitsFor: String?
    /// The job that must end before it, while it waits for its turn in a sequence; dead if it halted the sequence.
    public let blockedBy: JobID?
    /// The worker that runs it or ran it last.
    public let worker: String?
    /// Whether somebody has asked to cancel it while it runs.
    public let cancelRequested: Bool

    /// An attempt that failed, or whose worker died.
    public struct FailedAttempt: Sendable {
        /// When Redis received it, in ms since 1970 by Redis' clock.
        public let at: Int
        /// 1 for the first.
        public let attempt: Int
        /// Its type is `crashed` if the worker died.
        public let failure: JobFailure
    }
}
