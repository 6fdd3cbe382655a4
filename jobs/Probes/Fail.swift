internal import Queue
internal import Worker

/// Fails its first attempts, and comes back soon.
struct Fail: Job {
    static let type = "system.fail"
    static let retry = RetryPolicy.exponential(base: .milliseconds(50), cap: .seconds(1))

    /// What the failure says.
    var message: String?
    /// So many failed attempts, then it succeeds; nil for failing always.
    var times: Int?

    func run(_ context: JobContext) async throws {
        guard let times, context.failures >= times else { throw Failure(description: message ?? "as asked") }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
