public import Foundation

/// How a job is to be run, apart from its type and arguments. Everything has a default.
public struct JobOptions: Sendable, Equatable {
    /// Which of the queue's lists it waits in.
    public var priority: Priority
    /// When it may start; nil for at once.
    public var start: Start?
    /// It is given up (`expired`) if nobody has started it by then.
    public var expiry: Start?
    /// How many failed attempts end it; nil for what its type says. 1 to 1,000.
    public var maxAttempts: Int?
    /// The longest that one attempt may take; nil for what its type says. 1 ms to 30 days.
    public var timeout: Duration?
    /// While a job holds this key, another one with the same key is not stored: the first stands for it.
    public var key: IdempotencyKey?
    /// Whose job it is; kept and shown. 1 to 128 bytes.
    public var tenant: String?
    /// A W3C `traceparent`; handed to the handler and written on each of the job's log lines.
    public var traceparent: String?

    /// A point in time: counted by Redis' clock from when the job is stored, or absolute.
    public enum Start: Sendable, Equatable {
        /// So long after it was stored, by Redis' clock: 0 to ten years.
        case after(Duration)
        /// At this time, which may have passed: from 1970 to 2100.
        case at(Date)
    }

    /// Checks nothing: `NewJob.init` throws `QueueError.field` for an option out of its range.
    public init(
        priority: Priority = .default, start: Start? = nil, expiry: Start? = nil, maxAttempts: Int? = nil,
        timeout: Duration? = nil, key: IdempotencyKey? = nil, tenant: String? = nil, traceparent: String? = nil
    ) {
        self.priority = priority
        self.start = start
        self.expiry = expiry
        self.maxAttempts = maxAttempts
        self.timeout = timeout
        self.key = key
        self.tenant = tenant
        self.traceparent = traceparent
    }

    static let plain = JobOptions()
}

/// Makes enqueueing idempotent: same key, same job.
public struct IdempotencyKey: Sendable, Equatable {
    /// 1 to 256 bytes.
    public var name: String
    /// The states in which a job holds its key. By default it does until it has ended.
    public var states: Set<JobState>
    /// The key is free again after this long, whatever the job's state. Nil: only the states decide.
    public var period: Duration?

    /// Checks nothing: `NewJob.init` refuses a name, state or period that is invalid.
    ///
    /// - Parameter period: 1 ms to ten years.
    public init(
        _ name: String, while states: Set<JobState> = [.scheduled, .queued, .running, .retrying],
        period: Duration? = nil
    ) {
        self.name = name
        self.states = states
        self.period = period
    }
}
