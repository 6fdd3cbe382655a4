/// Which of a queue's four lists a job waits in. A list is served only when those before it are empty.
public enum Priority: Int, Sendable, Codable, CaseIterable {
    /// Before all others.
    case critical = 0
    /// Before `default` and `low`.
    case high = 1
    /// The default.
    case `default` = 2
    /// Only when no other job is ready.
    case low = 3

    /// From the form on the command line and in JSON: `critical`, `high`, `default` or `low`.
    public init?(name: some StringProtocol) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// The form on the command line and in JSON; Redis stores the raw value.
    public var name: String {
        switch self {
        case .critical: "critical"
        case .high: "high"
        case .default: "default"
        case .low: "low"
        }
    }
}
