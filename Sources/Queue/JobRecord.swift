/// All that is known of one job.
public struct JobRecord: Sendable {
    public let id: JobID
    public let state: JobState
    /// Nil only when the record has been damaged by hand.
    public let body: JobBody?
    /// The last attempt that was started; 0 before the first.
    public let attempt: Int
    public let failures: Int
    public let crashes: Int
    /// JSON `{"done","of","note"}`.
    public let progress: [UInt8]?
    /// What the handler returned, JSON.
    public let result: [UInt8]?
    /// What ended it, or else what made the last attempt fail.
    public let error: JobFailure?
    /// The last ten failed attempts, newest first.
    public let errors: [FailedAttempt]
    /// When it is due, while it is scheduled, retrying, or queued but unclaimed. All times in ms since 1970.
    public let runAt: Int?
    public let startedAt: Int?
    public let finishedAt: Int?
    /// When it is given up if nobody has started it; nil once it was retried by hand.
    public let expiresAt: Int?
    /// Who runs it or ran it last.
    public let worker: String?
    /// Somebody has asked to cancel it while it runs.
    public let cancelRequested: Bool

    public struct FailedAttempt: Sendable {
        public let at: Int
        public let attempt: Int
        public let failure: JobFailure
    }
}
