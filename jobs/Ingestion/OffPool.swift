internal import Dispatch

/// Runs work that blocks or computes for long on a thread outside the task pool, and waits for it without holding one.
func offPool<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
    }
}
