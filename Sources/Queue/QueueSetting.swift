/// What can be set for a queue while it runs. It is stored in Redis, so that all workers agree: each of them sees a
/// change with its next reserve. What nobody has set is set by the first worker that joins, from its options.
///
/// The raw value is the name in Redis (the queue's `meta`), on the command line and over HTTP.
public enum QueueSetting: String, Sendable, Codable, CaseIterable {
    /// How long succeeded, cancelled and expired jobs are kept.
    case retainMs
    /// How many bytes of them are kept.
    case retainBytes
    /// How long dead jobs are kept.
    case retainDeadMs
    /// How many bytes of dead jobs are kept.
    case retainDeadBytes
    /// A job that has killed this many workers is dead.
    case maxCrashes
    /// How many idempotency keys may outlive their jobs. At this number, jobs with further keys are refused.
    case maxKeys
    /// How many jobs may wait, 0 for any number. Further ones are refused.
    case maxWaiting
    /// How many bytes the bodies of all jobs may have that have not ended, 0 for any number. Further ones are refused.
    case maxBytes
    /// How many jobs may run at once in all workers, 0 for any number.
    case maxRunning

    /// The unit of a value.
    public enum Unit: String, Sendable, Codable {
        case milliseconds, bytes, number
    }

    /// The unit of its value.
    public var unit: Unit {
        switch self {
        case .retainMs, .retainDeadMs: .milliseconds
        case .retainBytes, .retainDeadBytes, .maxBytes: .bytes
        case .maxCrashes, .maxKeys, .maxWaiting, .maxRunning: .number
        }
    }

    /// The allowed values, in its unit.
    public var range: ClosedRange<Int> {
        switch self {
        case .retainMs, .retainDeadMs: 0...315_360_000_000  // ten years
        case .retainBytes, .retainDeadBytes, .maxBytes: 0...1 << 40
        case .maxWaiting: 0...1_000_000_000
        case .maxRunning: 0...1_000_000
        case .maxCrashes: 1...1000
        case .maxKeys: 0...100_000_000
        }
    }

    /// The allowed values in words.
    public var allowed: String {
        "\(range.lowerBound) to \(range.upperBound)" + (unit == .number ? "" : " \(unit.rawValue)")
    }

    /// - Throws: `QueueError.field` if there is no setting of this name.
    public init(name: String) throws(QueueError) {
        guard let setting = QueueSetting(rawValue: name) else {
            throw .field(.unknown, name, allowed: Self.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self = setting
    }

    /// The value if neither a worker nor an operator has set it.
    public var standard: Int {
        let retention = Retention()
        return switch self {
        case .retainMs: retention.age.milliseconds
        case .retainBytes: retention.bytes
        case .retainDeadMs: retention.deadAge.milliseconds
        case .retainDeadBytes: retention.deadBytes
        case .maxCrashes: 3
        case .maxKeys: 1_000_000
        case .maxWaiting, .maxBytes, .maxRunning: 0
        }
    }

    /// What it does, in one line.
    public var meaning: String {
        switch self {
        case .retainMs: "how long succeeded, cancelled and expired jobs are kept"
        case .retainBytes: "how many bytes of succeeded, cancelled and expired jobs are kept"
        case .retainDeadMs: "how long dead jobs are kept"
        case .retainDeadBytes: "how many bytes of dead jobs are kept"
        case .maxCrashes: "a job that has killed this many workers is dead"
        case .maxKeys: "how many idempotency keys may outlive their jobs"
        case .maxWaiting: "how many jobs may wait, 0 for any number; further ones are refused"
        case .maxBytes: "how many bytes jobs may have that have not ended, 0 for any number; further ones are refused"
        case .maxRunning: "how many jobs may run at once in all workers, 0 for any number"
        }
    }
}
