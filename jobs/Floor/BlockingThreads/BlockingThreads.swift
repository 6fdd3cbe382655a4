/// Threads for work that blocks or computes for long: calls of C libraries, files, databases. On the task pool, such
/// work would block every other task of the process.
///
/// There are never more threads than requested. Each is created when it is first needed, and they end when the last
/// owner releases this object and their work is done. Work starts in the order of the calls. The number of waiting
/// calls is not limited: each waiting call is a waiting task.
public final class BlockingThreads: Sendable {
    private let pool: ThreadPool

    /// - Parameters:
    ///   - name: the name of the threads, as shown by process tools; at most 15 bytes.
    ///   - limit: the maximum number of threads, at least 1.
    public init(name: String, limit: Int) {
        pool = ThreadPool(name: name, limit: max(1, limit))
    }

    deinit { pool.close() }

    /// Runs the work on one of the threads, and waits for it without blocking a thread.
    ///
    /// Work that has begun is not interrupted, and its result is returned even if the task was cancelled meanwhile.
    ///
    /// - Throws: what the work throws; `CancellationError` if the task was cancelled before the work began.
    public func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let id = pool.newID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                pool.add(
                    ThreadPool.Piece(
                        id: id, run: { continuation.resume(with: Result(catching: work)) },
                        cancel: { continuation.resume(throwing: CancellationError()) }))
                // Cancelled just before it was added: the handler below found nothing.
                if Task.isCancelled { pool.cancel(id) }
            }
        } onCancel: {
            pool.cancel(id)
        }
    }
}
