/// The settings of one queue, by name. Its JSON is an object with their raw values as keys.
public struct QueueConfig: Sendable, Equatable {
    /// What is set; for all others `QueueSetting.standard` applies.
    public internal(set) var values: [QueueSetting: Int] = [:]

    /// With nothing set.
    public init() {}

    /// The settings from a worker's options.
    package init(retention: Retention, maxCrashes: Int) {
        values = [
            .retainMs: retention.age.milliseconds, .retainBytes: retention.bytes,
            .retainDeadMs: retention.deadAge.milliseconds, .retainDeadBytes: retention.deadBytes,
            .maxCrashes: maxCrashes,
        ]
    }

    /// The effective value.
    public subscript(setting: QueueSetting) -> Int { values[setting] ?? setting.standard }

    /// - Throws: `QueueError.field` if the value is out of the setting's range.
    public mutating func set(_ setting: QueueSetting, to value: Int) throws(QueueError) {
        guard setting.range.contains(value) else {
            throw .field(.invalid, setting.rawValue, found: "\(value)", allowed: setting.allowed)
        }
        values[setting] = value
    }

    /// An object of all settings with their effective values, on one line.
    package var json: [UInt8] {
        JSONText.object(QueueSetting.allCases.map { ($0.rawValue, JSONText.number(self[$0])) })
    }

    /// Parses the body of `PATCH /v1/queues/{queue}/config`. Members that are null count as not given.
    ///
    /// - Throws: `QueueError.field`.
    package init(json: [UInt8]) throws(QueueError) {
        let fields = try JSONFields(json, known: QueueSetting.allCases.map(\.rawValue))
        for setting in QueueSetting.allCases {
            if let value = try fields.number(setting.rawValue) { try set(setting, to: value) }
        }
    }

    /// Names and values in turn, in the form that scripts take.
    var arguments: [String] { values.flatMap { [$0.key.rawValue, "\($0.value)"] } }
}
