/// Why a durable step failed, apart from errors of its work.
public enum StepError: Error, Equatable, CustomStringConvertible {
    /// The name does not have 1 to 128 bytes; the work was not done.
    case badName(String)
    /// The result is larger than `WorkerOptions.resultLimit`, in bytes of JSON; the work was done, but its result was
    /// not stored.
    case tooLarge(name: String, bytes: Int, limit: Int)
    /// The stored result is not of the type that the code expects now: the step has changed since the last attempt.
    case unreadable(name: String, reason: String)
    /// The job runs elsewhere now; nothing was stored.
    case claimLost(name: String)

    public var description: String {
        switch self {
        case .badName(let name): "step name '\(name.prefix(140))': use 1 to 128 bytes"
        case .tooLarge(let name, let bytes, let limit):
            "the result of step '\(name)' has \(bytes) bytes, the limit is \(limit): keep it in a file and return its name"
        case .unreadable(let name, let reason):
            "the stored result of step '\(name)' can't be read (\(reason)): rename the step when its result changes"
        case .claimLost(let name): "step '\(name)' was not stored: another worker has the job now"
        }
    }
}
