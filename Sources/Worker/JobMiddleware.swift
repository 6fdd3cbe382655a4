public import Queue

/// Wraps every handler of a worker: it can change the arguments and the result, refuse a job, or measure it.
///
/// ```swift
/// struct Decrypting: JobMiddleware {
///     func run(
///         _ arguments: Payload, _ context: JobContext, next: (Payload) async throws -> Payload
///     ) async throws -> Payload {
///         try await next(try vault.open(arguments))
///     }
/// }
/// ```
/// Installed with `WorkerOptions.middleware`. The first in the list is the outermost, so it sees arguments first and
/// results last. It runs within the attempt: on the threads for handlers, within the timeout, and it is cancelled with
/// the job. The counterpart for producers is `EnqueueMiddleware`.
public protocol JobMiddleware: Sendable {
    /// Called once for each attempt.
    ///
    /// - Parameters:
    ///   - arguments: as they were stored, or as the previous middleware has changed them.
    ///   - context: the running job; the same that its handler gets.
    ///   - next: the rest of the chain: the next middleware, and finally the handler, which decodes the arguments that
    ///     it is given.
    /// - Returns: the result to store. For a handler that returns nothing, `next` returns `Payload.null`.
    /// - Throws: has the same effect as an error of the handler: a failed attempt, or `Discard` and `RetryAfter`.
    func run(
        _ arguments: Payload, _ context: JobContext, next: (Payload) async throws -> Payload
    ) async throws -> Payload
}
