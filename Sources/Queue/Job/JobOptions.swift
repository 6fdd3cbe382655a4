public import Foundation

/// How a job is run, apart from its type and arguments. Everything has a default.
public struct JobOptions: Sendable, Equatable {
    /// Which of the queue's lists it waits in.
    public var priority: Priority
    /// When it may start; nil for at once.
    public var start: Start?
    /// The job expires if no worker has started it by then.
    public var expiry: Start?
    /// How many failed attempts end the job, 1 to 1,000; nil for the default of its type.
    public var maxAttempts: Int?
    /// The time limit of one attempt, 1 ms to 30 days; nil for the default of its type.
    public var timeout: Duration?
    /// While a job holds this key, another job with the same key is not stored; the caller gets the first one's id.
    public var key: IdempotencyKey?
    /// The job waits for a while, and the last one with the same key replaces those before it. Excludes `start`, `key`.
    public var debounce: Debounce?
    /// The tenant that owns the job. Ready jobs of a queue are taken fairly between its tenants (`Queue.setTenant`).
    /// 1 to 128 bytes.
    public var tenant: String?
    /// The keys whose permits it needs to start, and how many of each: at most 8 keys. A key without limits is open
    /// (`Queue.setLimit`).
    public var limits: [LimitUse]
    /// Jobs with the same sequence key run one after the other, in the order in which they were stored.
    public var sequence: JobSequence?
    /// Waits for other jobs of its type and key, so that one call of the handler answers them together. Excludes `limits`,
    /// `sequence`, `debounce` and `tenant`.
    public var collect: Collect?
    /// A W3C `traceparent`; passed to the handler and written on each of the job's log lines.
    public var traceparent: String?

    /// A point in time: absolute, or relative to when the job is stored, by Redis' clock.
    public enum Start: Sendable, Equatable {
        /// This long after the job was stored, by Redis' clock: 0 to ten years.
        case after(Duration)
        /// At this time, which may be in the past: from 1970 to 2100.
        case at(Date)
    }

    /// Does not check anything: `NewJob.init` throws `QueueError.field` for an option that is out of range.
    public init(
        priority: Priority = .default, start: Start? = nil, expiry: Start? = nil, maxAttempts: Int? = nil,
        timeout: Duration? = nil, key: IdempotencyKey? = nil, debounce: Debounce? = nil, tenant: String? = nil,
        limits: [LimitUse] = [], sequence: JobSequence? = nil, collect: Collect? = nil, traceparent: String? = nil
    ) {
        self.priority = priority
        self.start = start
        self.expiry = expiry
        self.maxAttempts = maxAttempts
        self.timeout = timeout
        self.key = key
        self.debounce = debounce
        self.tenant = tenant
        self.limits = limits
        self.sequence = sequence
        self.collect = collect
        self.traceparent = traceparent
    }

    static let plain = JobOptions()
}

/// Makes enqueueing idempotent: same key, same job.
public struct IdempotencyKey: Sendable, Equatable {
    /// 1 to 256 bytes.
    public var name: String
    /// The states in which a job holds its key. By default, all states before its end.
    public var states: Set<JobState>
    /// The key is free again after this time, whatever the job's state. Nil: only the states decide.
    public var period: Duration?

    /// Does not check anything: `NewJob.init` refuses an invalid name, state or period.
    ///
    /// - Parameter period: 1 ms to ten years.
    public init(
        _ name: String, while states: Set<JobState> = .unfinished,
        period: Duration? = nil
    ) {
        self.name = name
        self.states = states
        self.period = period
    }
}
