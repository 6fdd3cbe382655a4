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
/// A job runs at least once: after a crash, or if its worker was cut off for longer than the lease, it runs again.
/// Write `run` so that a second run does no harm. It may block its thread or ignore cancellation without stopping
/// anything else, but only a job that reacts to cancellation can be stopped before it is done.
public protocol Job: JobRequest {
    /// Declared again so that it can be inferred from `run`.
    associatedtype Output

    /// Does the work. An error that it throws becomes a failed attempt; `Discard` and `RetryAfter` have other effects.
    func run(_ context: JobContext) async throws -> Output

    /// How often and when it is retried after a failure, if it was enqueued without `maxAttempts`.
    static var retry: RetryPolicy { get }

    /// The time limit of one attempt, nil for no limit, if it was enqueued without one.
    static var timeout: Duration? { get }
}

extension Job {
    /// `RetryPolicy.exponential` with its defaults, unless the type says otherwise.
    public static var retry: RetryPolicy { .exponential() }
    /// No limit, unless the type says otherwise.
    public static var timeout: Duration? { nil }
}

/// Thrown by a handler: the job can't succeed and a retry would not help. It becomes dead at once.
public struct Discard: Error, CustomStringConvertible {
    /// Why; stored with the job as the message of its error.
    public let reason: String
    /// - Parameter reason: of any length; 2,000 bytes are stored.
    public init(_ reason: String) { self.reason = reason }
    public var description: String { reason }
}

/// Thrown by a handler: not now. The attempt does not count as failed, so a busy service uses up no attempts.
public struct RetryAfter: Error, CustomStringConvertible {
    /// How long the job waits before its next attempt; negative values count as 0.
    public let delay: Duration
    /// Why; it is logged.
    public let reason: String
    /// A key that gives no permit to any worker meanwhile, because the service behind it is busy (HTTP 429).
    public let pausing: String?

    /// Takes the fields as they are, without checks.
    public init(_ delay: Duration, _ reason: String = "", pausing: String? = nil) {
        self.delay = delay
        self.reason = reason
        self.pausing = pausing
    }

    public var description: String { "again after \(delay)\(reason.isEmpty ? "" : ": " + reason)" }
}
