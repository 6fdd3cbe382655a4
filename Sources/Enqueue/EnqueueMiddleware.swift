public import Queue

/// Wraps every add of an `Enqueue`: it can change jobs, refuse them, or record their outcome.
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
/// Installed with `Enqueue(redis:middleware:)`. The first in the list is the outermost, so it sees jobs first and
/// outcomes last. The counterpart for workers is `JobMiddleware`.
public protocol EnqueueMiddleware: Sendable {
    /// Called once for each call of any form of `Enqueue.add`; after an error the caller may repeat the call.
    ///
    /// - Parameters:
    ///   - jobs: one or more. `NewJob.replacing` changes arguments and options; ids stay.
    ///   - next: the rest of the chain: the next middleware, and finally Redis. If it is not called, nothing is stored.
    /// - Returns: one outcome per job, in their order.
    /// - Throws: `QueueError.invalid` to refuse the jobs: the caller of `add` gets it, and nothing was stored unless
    ///   `next` was called.
    func enqueue(
        _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
    ) async throws(QueueError) -> [Enqueued]
}

extension Enqueue {
    /// Passes jobs through `middleware`, the first outermost, and then to Redis.
    func pass(
        _ jobs: [NewJob], through middleware: ArraySlice<any EnqueueMiddleware>
    ) async throws(QueueError) -> [Enqueued] {
        guard let first = middleware.first else {
            // A single job shares the write of others, as without middleware.
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
