/// The outcome of a claimed job's attempt.
package enum Outcome: Sendable, Equatable {
    /// - Parameters:
    ///   - result: usually JSON, at most as large as the payload limit.
    ///   - dropsSteps: the job has stored results of durable steps, which are no longer needed.
    case succeeded(result: Payload, dropsSteps: Bool)
    /// The attempt failed and is retried after `delay`.
    case failed(JobFailure, delay: Duration)
    /// The attempt failed and is not retried.
    case dead(JobFailure)
    /// The job asked to run later; no failure is counted. Meanwhile the limit's key gives no permit, if there is one.
    case snoozed(delay: Duration, pausing: String? = nil)
    /// It was cancelled while it ran.
    case cancelled(JobFailure)
    /// The worker gives it back unfinished: it goes to the head of its queue, and no failure is counted.
    case released
    /// The worker does not know the type or its version, but another worker may. Offered again after `delay`.
    case unclaimed(delay: Duration)
    /// The job waits for a signal without a worker; no failure is counted.
    case awaiting(SignalWait)
}

/// In the form that settle.lua takes.
extension Outcome {
    var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .dead: "dead"
        case .snoozed: "snoozed"
        case .cancelled: "cancelled"
        case .released: "released"
        case .unclaimed: "unclaimed"
        case .awaiting: "awaiting"
        }
    }

    /// In ms.
    var delay: Int {
        switch self {
        case .failed(_, let delay), .snoozed(let delay, _), .unclaimed(let delay):
            min(max(0, delay.milliseconds), JobOptions.longest.milliseconds)
        case .awaiting(let wait): wait.timeout.milliseconds
        case .succeeded, .dead, .cancelled, .released: 0
        }
    }

    /// Approximately how many bytes are written for it.
    var size: Int {
        switch self {
        case .succeeded(let result, _): result.size
        case .failed, .dead, .cancelled: 300
        case .snoozed, .released, .unclaimed, .awaiting: 0
        }
    }

    var detail: [UInt8] {
        switch self {
        case .succeeded(let result, _): result.stored
        case .failed(let failure, _), .dead(let failure), .cancelled(let failure): failure.json
        case .snoozed(_, let key): Array((key.map { KeyText.stored($0) } ?? "").utf8)
        case .awaiting(let wait): Array("\(wait.lookBack.milliseconds) \(wait.storedName)".utf8)
        case .released, .unclaimed: []
        }
    }
}
