internal import Queue

/// Why a handler's task was cancelled.
enum Interruption: Sendable {
    /// Somebody cancelled the job.
    case cancelled
    /// The attempt took longer than its timeout.
    case timedOut(Duration)
    /// The worker is stopping, or has lost its lease.
    case stopping
}

/// Decides the outcome of a job after its handler has ended. Pure: no clock, no Redis.
extension Outcome {
    /// - Parameters:
    ///   - ended: the encoded result, or what the handler threw.
    ///   - failures: failed attempts before this one.
    ///   - limit: the number of failed attempts that ends the job.
    ///   - keptSteps: the handler stored results of durable steps.
    ///   - awaits: it waits for this signal, whatever it made of the error that ends such an attempt.
    static func of(
        _ ended: Result<Payload, any Error>, interruption: Interruption?, failures: Int, limit: Int,
        policy: RetryPolicy, keptSteps: Bool, awaits: SignalWait? = nil,
        random: () -> Double = { .random(in: 0...1) }
    ) -> Outcome {
        if case .timedOut(let timeout) = interruption {
            return failed(
                JobFailure(type: "timeout", message: "the attempt took longer than \(timeout)", retryable: true),
                failures: failures, limit: limit, policy: policy, random: random)
        }
        switch ended {
        case .success(let result):
            return .succeeded(result: result, dropsSteps: keptSteps)
        case .failure(let error):
            if case .cancelled = interruption { return .cancelled(JobFailure.cancelled) }
            if let awaits { return .awaiting(awaits) }
            switch (interruption, error) {
            case (_, let error as SignalTimeout):
                return .dead(JobFailure(type: "signalTimeout", message: error.description, retryable: false))
            case (_, let error as RetryAfter):
                return .snoozed(delay: error.delay, pausing: error.pausing)
            case (_, let error as Discard):
                return .dead(JobFailure(type: "discarded", message: error.reason, retryable: false))
            case (_, let error as HandlerError):
                return .dead(JobFailure(type: error.kind, message: error.description, retryable: false))
            case (.stopping, _):
                // Most likely a consequence of the cancellation; a real failure occurs again.
                return .released
            default:
                return failed(
                    JobFailure(type: "\(Swift.type(of: error))", message: "\(error)", retryable: true),
                    failures: failures, limit: limit, policy: policy, random: random)
            }
        }
    }

    private static func failed(
        _ failure: JobFailure, failures: Int, limit: Int, policy: RetryPolicy, random: () -> Double
    ) -> Outcome {
        let total = failures + 1
        guard total < limit else { return .dead(failure) }
        return .failed(failure, delay: policy.delay(after: total, random: random()))
    }
}

/// A problem between a job and its handler; a retry would not help.
enum HandlerError: Error, CustomStringConvertible {
    case undecodable(type: String, reason: String)
    case unencodable(type: String, reason: String)
    case resultTooLarge(type: String, bytes: Int, limit: Int)
    case wrongCount(type: String, results: Int, jobs: Int)

    var kind: String {
        switch self {
        case .undecodable: "undecodable"
        case .unencodable: "unencodable"
        case .resultTooLarge: "resultTooLarge"
        case .wrongCount: "wrongCount"
        }
    }

    var description: String {
        switch self {
        case .undecodable(let type, let reason):
            "the arguments do not fit \(type): \(reason). Correct the producer, or increase the type's version."
        case .unencodable(let type, let reason):
            "the result of \(type) can't be written as JSON: \(reason). The work was done; correct its Output."
        case .wrongCount(let type, let results, let jobs):
            "the handler of \(type) returned \(results) results for \(jobs) jobs. Return one for each, in their order."
        case .resultTooLarge(let type, let bytes, let limit):
            "the result of \(type) has \(bytes) bytes, the limit is \(limit). Store it elsewhere and return its name."
        }
    }
}

extension JobFailure {
    static let cancelled = JobFailure(type: "cancelled", message: "cancelled while it ran", retryable: false)
}
