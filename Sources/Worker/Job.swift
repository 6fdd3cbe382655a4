public import Queue

/// A job that can run: its properties are the arguments, `run` is the work.
///
/// ```swift
/// struct Greet: Job {
///     static let type = "demo.greet"
///     var name: String
///
///     func run(_ context: JobContext) async throws -> String { "Hello, \(name)" }
/// }
/// ```
/// A job runs at least once: after a crash, or when its worker was cut off for longer than the lease, it runs again.
/// Write `run` so that the second time does no harm. It may block its thread or ignore cancellation without stopping
/// anything else, but only a job that heeds cancellation can be stopped before it is done.
public protocol Job: JobRequest {
    /// Said again so that it can be inferred from `run`.
    associatedtype Output

    /// Does the work. What it throws becomes a failed attempt; `Discard` and `RetryAfter` say what happens instead.
    func run(_ context: JobContext) async throws -> Output

    /// How often and when it is repeated after a failure; for a job that was enqueued without `maxAttempts`.
    static var retry: RetryPolicy { get }

    /// The longest that one attempt may take, nil for no limit; for a job that was enqueued without one.
    static var timeout: Duration? { get }
}

extension Job {
    /// `RetryPolicy.exponential` with its defaults, unless the type says otherwise.
    public static var retry: RetryPolicy { .exponential() }
    /// No limit, unless the type says otherwise.
    public static var timeout: Duration? { nil }
}

/// Thrown by a handler: the job can't succeed, repeating it is no use. It goes to dead at once.
public struct Discard: Error, CustomStringConvertible {
    /// Why; kept with the job as the message of its error.
    public let reason: String
    /// - Parameter reason: of any length; 2,000 bytes are kept.
    public init(_ reason: String) { self.reason = reason }
    public var description: String { reason }
}

/// Thrown by a handler: not now. The attempt does not count as failed, so that a busy service spends no retries.
public struct RetryAfter: Error, CustomStringConvertible {
    /// How long the job waits before its next attempt; less than 0 counts as 0.
    public let delay: Duration
    /// Why; it is logged.
    public let reason: String

    /// Takes the fields as they are; nothing is checked.
    public init(_ delay: Duration, _ reason: String = "") {
        self.delay = delay
        self.reason = reason
    }

    public var description: String { "again after \(delay)\(reason.isEmpty ? "" : ": " + reason)" }
}
