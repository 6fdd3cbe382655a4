/// Threads for work that blocks or computes for long: calls of C libraries, files, databases. Such work on the task pool
/// would hold up every other task of the process.
///
/// There are as many threads as were asked for and never more; each is made when it is needed first, and they end when
/// the last one who holds this lets go of it and their work is done. Work starts in the order in which it came. How much
/// may wait is not limited: each piece that waits is a task that waits.
public final class BlockingThreads: Sendable {
    private let pool: ThreadPool

    /// - Parameters:
    ///   - name: of the threads, for who looks at the process; at most 15 bytes.
    ///   - limit: threads at most, at least 1.
    public init(name: String, limit: Int) {
        pool = ThreadPool(name: name, limit: max(1, limit))
    }

    deinit { pool.close() }

    /// Runs the work on one of the threads, and waits for it without holding a thread.
    ///
    /// Work that has begun is not interrupted, and its outcome counts, whether or not the task was cancelled meanwhile.
    ///
    /// - Throws: what the work throws; `CancellationError` when the task was cancelled before the work began.
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
