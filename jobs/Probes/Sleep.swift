internal import Queue
internal import Worker

/// Waits, and stops when it is cancelled.
struct Sleep: Job {
    static let type = "system.sleep"

    /// 0 to 86,400; default 0.05.
    var seconds: Double?

    func run(_ context: JobContext) async throws {
        try await Task.sleep(for: try Limits.duration(seconds ?? 0.05))  // the work itself
    }
}

enum Limits {
    /// - Throws: `Discard` outside 0 to 86,400 seconds: a retry would not help.
    static func duration(_ seconds: Double) throws -> Duration {
        guard (0...86_400).contains(seconds) else { throw Discard("seconds is \(seconds); use 0 to 86400") }
        return .seconds(seconds)
    }
}
