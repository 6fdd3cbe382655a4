/// One queue in numbers. As JSON it is an element of `queues` in `enqueue stats --json`.
public struct QueueStats: Sendable, Codable, Equatable {
    /// As in `QueueName`.
    public var name: String
    /// Jobs that are in each state now; `unclaimed` of the queued ones wait for a worker that knows their type.
    public var scheduled, queued, running, retrying, succeeded, dead, cancelled, expired, unclaimed: Int
    /// No job is handed out; those that run go on.
    public var paused: Bool
    /// Somebody overwrote one of its keys with another type: what is counted there counts as 0. `enqueue verify` names
    /// the key.
    public var damaged: Bool
    /// How long the first in line has been known, 0 if none waits.
    public var oldestQueuedSeconds: Double
    /// What has happened so far.
    public var totals: Totals

    /// Counted since the queue exists.
    public struct Totals: Sendable, Codable, Equatable {
        /// `failedAttempts` and `crashes` count attempts, the others jobs: once each time that a job got there.
        public var enqueued, succeeded, failedAttempts, crashes, dead, cancelled, expired: Int
    }
}
