/// One queue in numbers. As JSON it is an element of `queues` in `enqueue stats --json`.
public struct QueueStats: Sendable, Codable, Equatable {
    /// As in `QueueName`.
    public var name: String
    /// The number of jobs in each state; `unclaimed` of the queued ones wait for a worker that knows their type.
    public var scheduled, queued, running, retrying, succeeded, dead, cancelled, expired, unclaimed: Int
    /// How many of the scheduled jobs wait for a signal.
    public var awaiting: Int
    /// No job is handed out; running jobs continue.
    public var paused: Bool
    /// Somebody overwrote one of its keys with another type; its counts are then 0. `enqueue verify` names the key.
    public var damaged: Bool
    /// The age of the oldest job at the head of a list, 0 if the lists are empty.
    public var oldestQueuedSeconds: Double
    /// How many schedules it has.
    public var schedules: Int
    /// How many of their ticks are due and have made no job: no worker serves the queue, or it can't make them.
    public var ticksOverdue: Int
    /// The age of the oldest of these ticks, 0 if there is none.
    public var oldestTickSeconds: Double
    /// How many of the queued jobs wait for a limit, or for others to be collected with.
    public var parked: Int
    /// How many sequences have a job whose turn it is, and how many a dead job has halted.
    public var sequences, halted: Int
    /// How many of the queued jobs wait for their turn in a sequence.
    public var following: Int
    /// How many tenants have ready jobs.
    public var tenants: Int
    /// Totals of what has happened so far.
    public var totals: Totals

    /// Counted since the queue was created.
    public struct Totals: Sendable, Codable, Equatable {
        /// `failedAttempts` and `crashes` count attempts. The others count jobs, once each time that a job reaches the
        /// state.
        public var enqueued, succeeded, failedAttempts, crashes, dead, cancelled, expired: Int
    }
}
