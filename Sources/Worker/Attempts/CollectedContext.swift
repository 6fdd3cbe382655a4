public import Logging
public import Queue

/// What a handler of collected jobs can read and report.
public struct CollectedContext: Sendable {
    /// The jobs, in the order of their requests; at least one.
    public let jobs: [CollectedJob]
    /// At least one.
    private let contexts: [JobContext]
    private var first: JobContext { contexts[0] }

    init(_ contexts: [JobContext]) {
        jobs = contexts.map(CollectedJob.init)
        self.contexts = contexts
    }

    /// The same for some of the jobs, at least one, given by their positions.
    func only(_ positions: [Int]) -> CollectedContext { CollectedContext(positions.map { contexts[$0] }) }

    /// When the handler will be cancelled; nil without a timeout.
    public var deadline: ContinuousClock.Instant? { first.deadline }

    /// Waits for permits of a key, for all jobs together: see `JobContext.permit`.
    public func permit(_ key: String, cost: Int = 1, in queue: QueueName? = nil) async throws {
        try await first.permit(key, cost: cost, in: queue)
    }

    /// Writes log lines that carry the id of the first job and how many jobs there are.
    public var log: Logger {
        var log = first.log
        log[metadataKey: "collected"] = "\(jobs.count)"
        return log
    }

    /// Whether all of the jobs are cancelled, the time is up or the worker stops: `Task.isCancelled`.
    public var isCancelled: Bool { Task.isCancelled }
}

/// One of the jobs that a handler answers together.
public struct CollectedJob: Sendable {
    private let context: JobContext

    init(_ context: JobContext) { self.context = context }

    /// The job.
    public var id: JobID { context.id }
    /// 1 for the first; also counts attempts that were given back.
    public var attempt: Int { context.attempt }
    /// Failed attempts before this one.
    public var failures: Int { context.failures }
    /// The W3C trace context from the producer.
    public var traceparent: String? { context.traceparent }
    /// Whether somebody has cancelled this job. Its result is kept all the same if there is one.
    public var isCancelled: Bool { context.running.isInterrupted }

    /// Reports how far the job is: see `JobContext.progress`.
    public func progress(_ done: Int, of total: Int? = nil, note: String? = nil) {
        context.progress(done, of: total, note: note)
    }
}
