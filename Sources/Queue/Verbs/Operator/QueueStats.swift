/// One queue in numbers. As JSON it is an element of `queues` in `enqueue stats --json`.
public struct QueueStats: Sendable, Codable, Equatable {
    /// As in `QueueName`.
    public var name: String
    /// The number of jobs in each state; `unclaimed` of the queued ones wait for a worker that knows their type.
    public var scheduled, queued, running, retrying, succeeded, dead, cancelled, expired, unclaimed: Int
    /// No job is handed out; running jobs continue.
    public var paused: Bool
    /// Somebody overwrote one of its keys with another type; its counts are then 0. `enqueue verify` names the key.
    public var damaged: Bool
    /// The age of the oldest job at the head of a list, 0 if the lists are empty.
    public var oldestQueuedSeconds: Double
    /// Totals of what has happened so far.
    public var totals: Totals

    /// Counted since the queue was created.
    public struct Totals: Sendable, Codable, Equatable {
        /// `failedAttempts` and `crashes` count attempts. The others count jobs, once each time that a job reaches the
        /// state.
        public var enqueued, succeeded, failedAttempts, crashes, dead, cancelled, expired: Int
    }
}
