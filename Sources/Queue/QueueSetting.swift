internal import PackhorseRedis

/// What can be set for a queue while it runs. It is kept in Redis, so that all its workers agree: each sees a change with
/// its next reserve. What nobody has set is set by the first worker that joins, from its options.
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
    /// A job that has killed so many workers is dead.
    case maxCrashes
    /// How many idempotency keys may outlive their jobs. When there are as many, jobs with further keys are refused.
    case maxKeys

    /// What a value counts.
    public enum Unit: String, Sendable, Codable {
        case milliseconds, bytes, number
    }

    /// What its value counts.
    public var unit: Unit {
        switch self {
        case .retainMs, .retainDeadMs: .milliseconds
        case .retainBytes, .retainDeadBytes: .bytes
        case .maxCrashes, .maxKeys: .number
        }
    }

    /// The values that it may have, in its unit.
    public var range: ClosedRange<Int> {
        switch self {
        case .retainMs, .retainDeadMs: 0...315_360_000_000  // ten years
        case .retainBytes, .retainDeadBytes: 0...1 << 40
        case .maxCrashes: 1...1000
        case .maxKeys: 0...100_000_000
        }
    }

    /// The same in words.
    public var allowed: String {
        "\(range.lowerBound) to \(range.upperBound)" + (unit == .number ? "" : " \(unit.rawValue)")
    }

    /// - Throws: `QueueError.field` for a name that no setting has.
    public init(name: String) throws(QueueError) {
        guard let setting = QueueSetting(rawValue: name) else {
            throw .field(.unknown, name, allowed: Self.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self = setting
    }

    /// What holds when neither a worker nor an operator has set it.
    public var standard: Int {
        let retention = Retention()
        return switch self {
        case .retainMs: retention.age.milliseconds
        case .retainBytes: retention.bytes
        case .retainDeadMs: retention.deadAge.milliseconds
        case .retainDeadBytes: retention.deadBytes
        case .maxCrashes: 3
        case .maxKeys: 1_000_000
        }
    }

    /// What it does, in one line.
    public var meaning: String {
        switch self {
        case .retainMs: "how long succeeded, cancelled and expired jobs are kept"
        case .retainBytes: "how many bytes of succeeded, cancelled and expired jobs are kept"
        case .retainDeadMs: "how long dead jobs are kept"
        case .retainDeadBytes: "how many bytes of dead jobs are kept"
        case .maxCrashes: "a job that has killed so many workers is dead"
        case .maxKeys: "how many idempotency keys may outlive their jobs"
        }
    }
}

/// The settings of one queue, by name. As JSON it is an object with their raw values as keys.
public struct QueueConfig: Sendable, Equatable {
    /// What is set; for the others `QueueSetting.standard` holds.
    public internal(set) var values: [QueueSetting: Int] = [:]

    /// Nothing is set.
    public init() {}

    /// What a worker brings.
    public init(retention: Retention, maxCrashes: Int) {
        values = [
            .retainMs: retention.age.milliseconds, .retainBytes: retention.bytes,
            .retainDeadMs: retention.deadAge.milliseconds, .retainDeadBytes: retention.deadBytes,
            .maxCrashes: maxCrashes,
        ]
    }

    /// The value that holds.
    public subscript(setting: QueueSetting) -> Int { values[setting] ?? setting.standard }

    /// - Throws: `QueueError.field` when the value is out of the setting's range.
    public mutating func set(_ setting: QueueSetting, to value: Int) throws(QueueError) {
        guard setting.range.contains(value) else {
            throw .field(.invalid, setting.rawValue, found: "\(value)", allowed: setting.allowed)
        }
        values[setting] = value
    }

    /// An object of all settings and the values that hold, on one line.
    package var json: [UInt8] {
        JSONText.object(QueueSetting.allCases.map { ($0.rawValue, JSONText.number(self[$0])) })
    }

    /// Reads the body of `PATCH /v1/queues/{queue}/config`. Members that are null count as not given.
    ///
    /// - Throws: `QueueError.field`.
    package init(json: [UInt8]) throws(QueueError) {
        let fields = try JSONFields(json, known: QueueSetting.allCases.map(\.rawValue))
        for setting in QueueSetting.allCases {
            if let value = try fields.number(setting.rawValue) { try set(setting, to: value) }
        }
    }

    /// Name and value in turn, as scripts take them.
    var arguments: [String] { values.flatMap { [$0.key.rawValue, "\($0.value)"] } }
}

extension Queue {
    /// What is set for this queue.
    public func config() async throws(QueueError) -> QueueConfig { try await configure(QueueConfig()) }

    /// Changes settings; those that `changes` does not have stay as they are.
    ///
    /// - Returns: all that are set now.
    @discardableResult
    public func configure(_ changes: QueueConfig) async throws(QueueError) -> QueueConfig {
        let arguments = changes.arguments
        let reply = try await run(.config, arguments: arguments.count, now: nil) { command in
            for argument in arguments { command.append(argument) }
        }
        var config = QueueConfig()
        for (name, value) in Self.pairs(reply) {
            if let setting = QueueSetting(rawValue: name) { config.values[setting] = value }
        }
        return config
    }
}
