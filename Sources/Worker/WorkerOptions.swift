public import Queue

/// The options of a worker. Everything except the queues has a default.
public struct WorkerOptions: Sendable {
    /// The queues to serve, and how often each is checked first, relative to the others: 1 to 1,000.
    public var queues: [(name: QueueName, weight: Int)]
    /// Jobs at once, 1 to 10,000.
    public var concurrency: Int
    /// How long running jobs may continue when the worker stops; then they are cancelled and given back.
    public var grace: Duration
    /// Whether to end as soon as there is nothing to do.
    public var drain: Bool
    /// How long the worker may be silent before others take over its jobs; at least twice `beat`.
    public var lease: Duration
    /// The pause between two beats, and the maximum time that Redis may take to confirm one.
    public var beat: Duration
    /// A job that has killed this many workers is dead. Applies to queues where nobody has set it (`QueueSetting`).
    public var maxCrashes: Int
    /// How long ended jobs are kept. Applies to queues where nobody has set it (`QueueSetting`).
    public var retention: Retention
    /// How long a job of unknown type waits before it is offered again.
    public var unclaimedDelay: Duration
    /// The maximum size of a result of a job or of one of its steps, in bytes.
    public var resultLimit: Int
    /// Wraps every handler, the first outermost; the chain is built once, in `Worker.init`.
    public var middleware: [any JobMiddleware]

    /// The schedules that this program wants, in any queues. `Worker.run` makes or changes them once, and removes those that
    /// `schedulesSource` made before and no longer has.
    public var schedules: [ScheduleSpec]
    /// Who made the schedules: the name of a file, or of the program. With nil, `schedules` is not looked at.
    public var schedulesSource: String?

    /// Does not check anything; `Worker.init` checks the queues, the concurrency and the lease.
    public init(
        queues: [(name: QueueName, weight: Int)] = [(.default, 1)], concurrency: Int = 16,
        grace: Duration = .seconds(30), drain: Bool = false, lease: Duration = .milliseconds(3500),
        beat: Duration = .seconds(1), maxCrashes: Int = 3, retention: Retention = Retention(),
        unclaimedDelay: Duration = .seconds(5), resultLimit: Int = NewJob.payloadLimit,
        middleware: [any JobMiddleware] = [], schedules: [ScheduleSpec] = [], schedulesSource: String? = nil
    ) {
        self.queues = queues
        self.concurrency = concurrency
        self.grace = grace
        self.drain = drain
        self.lease = lease
        self.beat = beat
        self.maxCrashes = maxCrashes
        self.retention = retention
        self.unclaimedDelay = unclaimedDelay
        self.resultLimit = resultLimit
        self.middleware = middleware
        self.schedules = schedules
        self.schedulesSource = schedulesSource
    }
}
