internal import Foundation
public import Queue

/// A stored job and the type of its result.
public struct JobHandle<Output: Sendable>: Sendable {
    /// The id under which the job is stored.
    public let id: JobID
    let enqueue: Enqueue

    /// What is known about the job now; its state is `unknown` if Redis does not know it, or no longer knows it.
    public func status() async throws(QueueError) -> JobRecord { try await enqueue.status(id) }

    /// Cancels the job, even while it runs.
    ///
    /// - Returns: its state before; `unknown` or an ended state if there was nothing to do.
    @discardableResult
    public func cancel() async throws(QueueError) -> JobState { try await enqueue.cancel(id) }

    private func ended(within timeout: Duration) async throws -> JobRecord {
        let record = try await enqueue.wait(for: id, timeout: timeout)
        switch record.state {
        case .succeeded: return record
        case .unknown: throw JobError.unknown(id)
        case .dead, .cancelled, .expired: throw JobError.failed(id, record.state, record.error)
        case .scheduled, .queued, .running, .retrying: throw JobError.timedOut(id, record.state)
        }
    }
}

extension JobHandle where Output: Decodable {
    /// The result of the job; waits for it like `Enqueue.wait`.
    ///
    /// - Throws: `JobError` if it failed, is not known, or has not ended in time; `QueueError`.
    public func result(timeout: Duration) async throws -> Output {
        let record = try await ended(within: timeout)
        guard let result = record.result else { throw JobError.forgotten(id) }
        do {
            return try JSONDecoder().decode(Output.self, from: Data(result.bytes))
        } catch {
            throw JobError.undecodable(id, "\(error)")
        }
    }
}

extension JobHandle where Output == Void {
    /// Waits until the job has succeeded.
    ///
    /// - Throws: `JobError` if it failed, is not known, or has not ended in time; `QueueError`.
    public func result(timeout: Duration) async throws {
        _ = try await ended(within: timeout)
    }
}

/// Why there is no result.
public enum JobError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing is known about this id: it was never stored, or is forgotten.
    case unknown(JobID)
    /// It has succeeded, but its record with the result was forgotten before it could be read: keep ended jobs longer.
    case forgotten(JobID)
    /// It has not ended in time, and continues.
    case timedOut(JobID, JobState)
    /// It ended without success.
    case failed(JobID, JobState, JobFailure?)
    /// Its result is not of the expected type.
    case undecodable(JobID, String)

    public var description: String {
        switch self {
        case .unknown(let id): "job \(id) is not known: it was never stored here, or is forgotten by now"
        case .forgotten(let id):
            "job \(id) has succeeded, but its result is already forgotten; keep ended jobs longer (retention)"
        case .timedOut(let id, let state): "job \(id) is still \(state.rawValue); wait longer or ask later"
        case .failed(let id, let state, let failure):
            "job \(id) is \(state.rawValue)" + (failure.map { ": \($0.type): \($0.message)" } ?? "")
        case .undecodable(let id, let reason): "the result of job \(id) is not of the expected type: \(reason)"
        }
    }
}
