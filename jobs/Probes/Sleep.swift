internal import Queue
internal import Worker

/// Waits, and heeds its cancellation.
struct Sleep: Job {
    static let type = "system.sleep"

    /// 0 to 86,400; 0.05 if left out.
    var seconds: Double?

    func run(_ context: JobContext) async throws {
        try await Task.sleep(for: try Limits.duration(seconds ?? 0.05))  // the work itself
    }
}

enum Limits {
    /// - Throws: `Discard` outside of a day: no repetition makes it right.
    static func duration(_ seconds: Double) throws -> Duration {
        guard (0...86_400).contains(seconds) else { throw Discard("seconds is \(seconds), allowed is 0 to 86400") }
        return .seconds(seconds)
    }
}
