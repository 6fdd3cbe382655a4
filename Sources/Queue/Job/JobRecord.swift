/// All that is known of one job.
public struct JobRecord: Sendable {
    /// The id that was asked for.
    public let id: JobID
    /// `unknown` if Redis does not know the id (any more).
    public let state: JobState
    /// Nil only when the record has been damaged by hand.
    public let body: JobBody?
    /// The last attempt that was started; 0 before the first.
    public let attempt: Int
    /// Failed attempts so far; from 0 again when it was retried by hand after its end.
    public let failures: Int
    /// How many workers died while they ran it; from 0 again likewise.
    public let crashes: Int
    /// JSON `{"done","of","note"}`.
    public let progress: [UInt8]?
    /// What the handler returned; nil also when it was forgotten.
    public let result: Payload?
    /// What ended it, or else what made the last attempt fail.
    public let error: JobFailure?
    /// The last ten failed attempts, newest first.
    public let errors: [FailedAttempt]
    /// When it is due, while it is scheduled, retrying, or queued but unclaimed. All times in ms since 1970.
    public let runAt: Int?
    /// When the attempt started that runs now or that ended the job; nil while it waits, or if it ended waiting.
    public let startedAt: Int?
    /// When it ended, well or not; nil before.
    public let finishedAt: Int?
    /// When it is given up if nobody has started it; nil once it was retried by hand.
    public let expiresAt: Int?
    /// Who runs it or ran it last.
    public let worker: String?
    /// Somebody has asked to cancel it while it runs.
    public let cancelRequested: Bool

    /// An attempt that failed, or whose worker died.
    public struct FailedAttempt: Sendable {
        /// When Redis was told, in ms since 1970 by its clock.
        public let at: Int
        /// 1 for the first.
        public let attempt: Int
        /// Its type is `crashed` when the worker died.
        public let failure: JobFailure
    }
}
