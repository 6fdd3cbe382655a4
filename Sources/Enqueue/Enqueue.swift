internal import Foundation
public import Queue
public import PackhorseRedis
internal import Synchronization

/// For producers: stores jobs, reads their state, waits for their results.
///
/// ```swift
/// let enqueue = try await Enqueue(redis: url)
/// let greeting = try await enqueue.add(Greet(name: "Ada"))
/// print(try await greeting.result(timeout: .seconds(10)))
/// ```
/// One instance serves a whole process and any number of tasks. Jobs that are added while others are being written go
/// with the next write.
public final class Enqueue: Sendable {
    /// The queue for jobs that are added without a queue.
    public let queue: QueueName
    /// The maximum size of arguments, in bytes.
    public let payloadLimit: Int
    /// Wraps every add, the first outermost.
    let middleware: [any EnqueueMiddleware]
    let connection: RedisConnection
    let watcher: CompletionWatcher
    private let lanes = Mutex<[QueueName: Lane]>([:])

    /// Connects.
    ///
    /// - Parameter middleware: wraps every add, the first outermost; without middleware, jobs go directly to Redis.
    /// - Throws: `QueueError.redis` if Redis can't be reached now; later it reconnects, and calls wait for some
    ///   seconds.
    public init(
        redis url: RedisURL, queue: QueueName = .default, payloadLimit: Int = NewJob.payloadLimit,
        middleware: [any EnqueueMiddleware] = []
    ) async throws(QueueError) {
        self.queue = queue
        self.payloadLimit = payloadLimit
        self.middleware = middleware
        connection = RedisConnection(url, name: "packhorse-enqueue")
        watcher = CompletionWatcher(url, connection)
        do {
            try await connection.connect()
        } catch {
            throw .redis(error)
        }
    }

    /// Ends all waits and closes the connections.
    public func close() async {
        await watcher.close()
        await connection.close()
    }

    /// Stores a job.
    ///
    /// - Parameters:
    ///   - queue: nil for the default one.
    ///   - id: the caller's own id, which makes the call repeatable; nil for a new one.
    /// - Returns: a handle for the job, or with an idempotency key for the job that holds the key.
    public func add<Request: JobRequest>(
        _ request: Request, to queue: QueueName? = nil, id: JobID? = nil, options: JobOptions = JobOptions()
    ) async throws(QueueError) -> JobHandle<Request.Output> {
        let job = try pack(request, to: queue, id: id, options: options)
        return JobHandle(id: try await add(job).id, enqueue: self)
    }

    /// Stores a job, to start after `delay`.
    public func add<Request: JobRequest>(_ request: Request, after delay: Duration)
        async throws(QueueError) -> JobHandle<Request.Output>
    {
        try await add(request, options: JobOptions(start: .after(delay)))
    }

    /// Stores many jobs of one type, a thousand per write.
    ///
    /// After an error, some of the thousands may be stored, and a second call would store them again. For more than a
    /// thousand jobs that must not run twice, make `NewJob`s, which have their ids from the start.
    ///
    /// - Returns: one handle per job, in their order.
    public func add<Request: JobRequest>(
        all requests: [Request], to queue: QueueName? = nil, options: JobOptions = JobOptions()
    ) async throws(QueueError) -> [JobHandle<Request.Output>] {
        var jobs: [NewJob] = []
        jobs.reserveCapacity(requests.count)
        for request in requests { jobs.append(try pack(request, to: queue, id: nil, options: options)) }
        return try await add(all: jobs).map { JobHandle(id: $0.id, enqueue: self) }
    }

    /// Stores a job of any type.
    public func add(_ job: NewJob) async throws(QueueError) -> Enqueued {
        guard middleware.isEmpty else { return try await pass([job], through: middleware[...])[0] }
        return try await lane(of: job.queue).add(job)
    }

    /// Stores jobs of any types and queues. It can be repeated with the same jobs after an error.
    ///
    /// - Returns: one entry per job, in their order.
    public func add(all jobs: [NewJob]) async throws(QueueError) -> [Enqueued] {
        if jobs.isEmpty { return [] }
        guard middleware.isEmpty else { return try await pass(jobs, through: middleware[...]) }
        return try await store(all: jobs)
    }

    func store(all jobs: [NewJob]) async throws(QueueError) -> [Enqueued] {
        guard let first = jobs.first else { return [] }
        let queue = first.queue
        if jobs.allSatisfy({ $0.id.isOf(queue) }) { return try await lane(of: queue).queue().enqueue(jobs) }
        var outcomes = jobs.map { Enqueued.stored($0.id) }
        for (name, indices) in Dictionary(grouping: jobs.indices, by: { jobs[$0].queue }) {
            let queue = try await lane(of: name).queue()
            for (i, outcome) in zip(indices, try await queue.enqueue(indices.map { jobs[$0] })) {
                outcomes[i] = outcome
            }
        }
        return outcomes
    }

    /// A handle for a job that was stored earlier.
    public func job<Request: JobRequest>(_ id: JobID, of type: Request.Type) -> JobHandle<Request.Output> {
        JobHandle(id: id, enqueue: self)
    }

    /// What is known about a job; `unknown` for an id that Redis doesn't know, or no longer knows.
    public func status(_ id: JobID) async throws(QueueError) -> JobRecord {
        try await Queue(id.queue, on: connection).status(id)
    }

    /// Cancels a job, even while it runs.
    ///
    /// - Returns: its state before.
    @discardableResult
    public func cancel(_ id: JobID) async throws(QueueError) -> JobState {
        try await Queue(id.queue, on: connection).cancel(id)
    }

    /// Waits until a job has ended. A message reports the end; in case no message comes, all awaited jobs are checked
    /// every two seconds.
    ///
    /// - Returns: the job after its end, or as it is after `timeout`. If the job was forgotten meanwhile, only state
    ///   and time if its end was reported, otherwise `unknown`.
    public func wait(for id: JobID, timeout: Duration) async throws(QueueError) -> JobRecord {
        try await watcher.wait(for: id, timeout: timeout)
    }

    /// One queue, for operators.
    public func queue(_ name: QueueName) -> Queue { Queue(name, on: connection) }

    /// All queues that were ever used on this Redis.
    public func queues() async throws(QueueError) -> [Queue] { try await Queue.all(on: connection) }

    private func pack<Request: JobRequest>(_ request: Request, to queue: QueueName?, id: JobID?, options: JobOptions)
        throws(QueueError) -> NewJob
    {
        let arguments: [UInt8]
        do {
            arguments = Array(try JSONEncoder().encode(request))
        } catch {
            throw .invalid("the arguments of \(Request.type) can't be written as JSON: \(error)")
        }
        return try NewJob(
            Request.type, version: Request.version, arguments: arguments, in: queue ?? self.queue, id: id,
            options: options, limit: payloadLimit)
    }

    func lane(of name: QueueName) -> Lane {
        lanes.withLock { lanes in
            if let lane = lanes[name] { return lane }
            // Callers are choosing this many names. Lanes in use continue; the others are made again when needed.
            if lanes.count >= Queue.countLimit { lanes = [:] }
            let lane = Lane(Queue(name, on: connection))
            lanes[name] = lane
            return lane
        }
    }
}
