public import Queue

/// Stands around every handler of a worker: it may change the arguments and the result, refuse a job, or measure it.
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
/// Installed by `WorkerOptions.middleware`: the first of the list is the outermost, so it sees arguments first and results
/// last. It runs within the attempt: on the threads for handlers, within the timeout, cancelled with the job. A producer's
/// counterpart is `EnqueueMiddleware`.
public protocol JobMiddleware: Sendable {
    /// Called once for each attempt.
    ///
    /// - Parameters:
    ///   - arguments: as they were stored, or as the middleware before this one has changed them.
    ///   - context: the job that runs; the same that its handler gets.
    ///   - next: the rest of the way: the next middleware, at last the handler, which decodes what it is given.
    /// - Returns: the result that is stored. For a handler that returns nothing `next` gives `Payload.null`.
    /// - Throws: counts as if the handler had thrown it: an attempt has failed, or `Discard` and `RetryAfter`.
    func run(
        _ arguments: Payload, _ context: JobContext, next: (Payload) async throws -> Payload
    ) async throws -> Payload
}
