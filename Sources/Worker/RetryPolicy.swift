/// When a failed job runs again.
public struct RetryPolicy: Sendable, Equatable {
    /// How many failed attempts end the job; 1 means that it is never retried.
    public let limit: Int
    let base: Duration
    let cap: Duration

    /// Delays that double from `base` up to `cap`. Each is up to a quarter shorter or longer at random, so that jobs
    /// that failed together do not run again together. By default, 25 attempts within 77 hours.
    public static func exponential(
        limit: Int = 25, base: Duration = .seconds(5), cap: Duration = .seconds(6 * 3600)
    ) -> RetryPolicy {
        precondition(limit >= 1 && base >= .zero && cap >= base, "a retry policy needs limit >= 1 and 0 <= base <= cap")
        return RetryPolicy(limit: limit, base: base, cap: cap)
    }

    /// One attempt. A job that was enqueued with more attempts is retried at once.
    public static let never = RetryPolicy(limit: 1, base: .zero, cap: .zero)

    /// - Parameters:
    ///   - failures: failed attempts so far, including this one: 1 or more.
    ///   - random: 0 to 1.
    func delay(after failures: Int, random: Double = .random(in: 0...1)) -> Duration {
        let doublings = min(max(failures, 1) - 1, 40)
        let seconds = min(base / .seconds(1) * Double(1 << doublings), cap / .seconds(1), 1e9)
        return .milliseconds(Int(seconds * (0.75 + 0.5 * random) * 1000))
    }
}
