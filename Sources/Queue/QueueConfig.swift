/// The settings of one queue, by name. As JSON it is an object with their raw values as keys.
public struct QueueConfig: Sendable, Equatable {
    /// What is set; for the others `QueueSetting.standard` holds.
    public internal(set) var values: [QueueSetting: Int] = [:]

    /// Nothing is set.
    public init() {}

    /// What a worker brings.
    package init(retention: Retention, maxCrashes: Int) {
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
