internal import Glibc
internal import Queue
internal import Worker

/// Ends its whole process at once, as the kernel does when memory runs out.
struct Crash: Job {
    static let type = "system.crash"

    /// While the attempt's number is at most this; 1 if left out.
    var times: Int?

    func run(_ context: JobContext) async throws {
        if context.attempt <= times ?? 1 { kill(getpid(), SIGKILL) }
    }
}
