internal import Queue
internal import Worker

/// Keeps a core busy and ignores cancellation. Result: the number of loop iterations.
struct Spin: Job {
    static let type = "system.spin"

    /// 0 to 86,400; default 5.
    var seconds: Double?

    func run(_ context: JobContext) async throws -> Int {
        let end = ContinuousClock.now + (try Limits.duration(seconds ?? 5))
        var rounds = 0
        while ContinuousClock.now < end { rounds += 1 }
        return rounds
    }
}
