internal import Queue
internal import Worker

/// Fails its first attempts, with short delays between them.
struct Fail: Job {
    static let type = "system.fail"
    static let retry = RetryPolicy.exponential(base: .milliseconds(50), cap: .seconds(1))

    /// The message of the failure.
    var message: String?
    /// It succeeds after this many failed attempts; nil to fail always.
    var times: Int?

    func run(_ context: JobContext) async throws {
        guard let times, context.failures >= times else { throw Failure(description: message ?? "as asked") }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
