/// What a claimed job's run came to.
package enum Outcome: Sendable, Equatable {
    /// - Parameters:
    ///   - result: usually JSON, at most the payload limit.
    ///   - dropsSteps: the job kept results of durable steps, which nobody needs any more.
    case succeeded(result: Payload, dropsSteps: Bool)
    /// The attempt failed and is repeated after `delay`.
    case failed(JobFailure, delay: Duration)
    /// The attempt failed and is not repeated.
    case dead(JobFailure)
    /// The job asked for another time; no failure is counted.
    case snoozed(delay: Duration)
    /// It was called off while it ran.
    case cancelled(JobFailure)
    /// The worker gives it back unfinished: to the head of its queue, no failure counted.
    case released
    /// The worker does not know the type or its version; another one may. Offered again after `delay`.
    case unclaimed(delay: Duration)
}

/// How settle.lua takes it.
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
        }
    }

    /// In ms.
    var delay: Int {
        switch self {
        case .failed(_, let delay), .snoozed(let delay), .unclaimed(let delay):
            min(max(0, delay.milliseconds), JobOptions.longest.milliseconds)
        case .succeeded, .dead, .cancelled, .released: 0
        }
    }

    /// About how many bytes it takes to write it.
    var size: Int {
        switch self {
        case .succeeded(let result, _): result.size
        case .failed, .dead, .cancelled: 300
        case .snoozed, .released, .unclaimed: 0
        }
    }

    var detail: [UInt8] {
        switch self {
        case .succeeded(let result, _): result.stored
        case .failed(let failure, _), .dead(let failure), .cancelled(let failure): failure.json
        case .snoozed, .released, .unclaimed: []
        }
    }
}
