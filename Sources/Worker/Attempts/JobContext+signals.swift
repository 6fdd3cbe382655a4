internal import Foundation
internal import Synchronization
public import Queue

extension JobContext {
    /// Waits for a signal (`Enqueue.signal`) without a worker: `try await context.waitFor("approved", timeout: .seconds(86_400))`.
    ///
    /// If the signal is not there yet, this call ends the attempt with an error that the handler must let pass. The job
    /// takes no place of a worker or limit while it waits, and no failure is counted. When the signal comes, the job runs
    /// again from its beginning, and this call returns: do what must be done once before it in a `step`. The signal is kept
    /// like the result of a step, so later attempts get it too. A job gets a signal of a name once; it can no longer expire.
    ///
    /// - Parameters:
    ///   - name: 1 to 128 bytes, as in `signal`.
    ///   - timeout: how long the job waits, 0 to ten years, from its first wait on, whatever happens meanwhile.
    ///   - lookBack: how long before its first wait a signal to all jobs may have been sent, 0 to 30 days; what was sent
    ///     during that attempt counts in any case. A signal to this job alone counts while it is kept.
    /// - Returns: the payload of the signal; nil if it was sent without one.
    /// - Throws: `SignalTimeout` if no signal came in time; `QueueError` for a value out of range or if Redis can't be
    ///   reached; the error that ends the attempt.
    public func waitFor(
        _ name: String, timeout: Duration, lookBack: Duration = .zero
    ) async throws -> Payload? {
        let wait = try SignalWait(name, timeout: timeout, lookBack: lookBack)
        if let kept = try await running.keptStep(wait.step) { return kept.bytes.isEmpty ? nil : kept }
        try Task.checkCancellation()
        // The first attempt can't have waited before.
        if attempt > 1, try await running.queue.isOver(wait, of: id) { throw SignalTimeout(name: name) }
        throw running.pending(wait)
    }

    /// Waits for a signal whose payload is of a type.
    ///
    /// - Returns: the payload.
    /// - Throws: `StepError.unreadable` if the payload is not of this type or is missing; otherwise as
    ///   `waitFor(_:timeout:lookBack:)`.
    public func waitFor<Value: Decodable & Sendable>(
        _ name: String, as type: Value.Type, timeout: Duration, lookBack: Duration = .zero
    ) async throws -> Value {
        let payload = try await waitFor(name, timeout: timeout, lookBack: lookBack)
        do {
            return try JSONDecoder().decode(type, from: Data(payload?.bytes ?? []))
        } catch {
            throw StepError.unreadable(name: "signal:" + name, reason: "\(error)")
        }
    }
}

extension Attempt {
    /// Makes the job wait for a signal when its handler has ended with any error.
    fileprivate func pending(_ wait: SignalWait) -> SignalPending {
        notes.withLock { if $0.awaits == nil { $0.awaits = wait } }
        return SignalPending(name: wait.name)
    }
}

/// No signal came in time. A job that ends with it is dead, with the error `signalTimeout`; when somebody retries it, it
/// waits anew.
public struct SignalTimeout: Error, Equatable, CustomStringConvertible {
    /// Of the signal.
    public let name: String

    public var description: String { "the signal '\(name)' did not come in time" }
}

/// Ends an attempt whose job waits for a signal.
package struct SignalPending: Error, CustomStringConvertible {
    let name: String

    package var description: String { "the job waits for the signal '\(name)'; let this error pass" }
}
