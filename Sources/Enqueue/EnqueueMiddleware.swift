public import Queue

/// Stands around every add of an `Enqueue`: it may change jobs, refuse them, or note what became of them.
///
/// ```swift
/// struct Tenants: EnqueueMiddleware {
///     func enqueue(
///         _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
///     ) async throws(QueueError) -> [Enqueued] {
///         for job in jobs where job.options.tenant == nil {
///             throw .invalid("a \(job.type) job without a tenant")
///         }
///         return try await next(jobs)
///     }
/// }
/// ```
/// Installed by `Enqueue(redis:middleware:)`: the first of the list is the outermost, so it sees jobs first and outcomes
/// last. A worker's counterpart is `JobMiddleware`.
public protocol EnqueueMiddleware: Sendable {
    /// Called once for each call of `Enqueue.add`, whatever its form; after an error the caller may repeat it.
    ///
    /// - Parameters:
    ///   - jobs: one or more. `NewJob.replacing` changes arguments and options; ids stay.
    ///   - next: the rest of the way: the next middleware, at last Redis. Not called, nothing is stored.
    /// - Returns: one outcome a job, in their order.
    /// - Throws: `QueueError.invalid` to refuse the jobs: the caller of `add` gets it, and nothing was stored unless `next`
    ///   was called.
    func enqueue(
        _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
    ) async throws(QueueError) -> [Enqueued]
}

extension Enqueue {
    /// Sends jobs through `middleware`, the first outermost, and then to Redis.
    func pass(
        _ jobs: [NewJob], through middleware: ArraySlice<any EnqueueMiddleware>
    ) async throws(QueueError) -> [Enqueued] {
        guard let first = middleware.first else {
            // A single one shares the write of others, as it does without middleware.
            if jobs.count == 1 { return [try await lane(of: jobs[0].queue).add(jobs[0])] }
            return try await store(all: jobs)
        }
        let outcomes = try await first.enqueue(jobs) { jobs async throws(QueueError) -> [Enqueued] in
            try await self.pass(jobs, through: middleware.dropFirst())
        }
        guard outcomes.count == jobs.count else {
            throw .invalid(
                "\(type(of: first)) gave \(outcomes.count) outcomes for \(jobs.count) jobs. It must give one for each.")
        }
        return outcomes
    }
}
