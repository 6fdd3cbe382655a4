internal import Glibc
internal import Queue
internal import Worker

/// Kills its whole process with SIGKILL, as the kernel does when memory runs out.
struct Crash: Job {
    static let type = "system.crash"

    /// It crashes while the attempt's number is at most this; default 1.
    var times: Int?

    func run(_ context: JobContext) async throws {
        if context.attempt <= times ?? 1 { kill(getpid(), SIGKILL) }
    }
}
