extension JobSpec {
    private static let fields = [
        "type", "version", "args", "queue", "priority", "delaySeconds", "runAt", "expiresSeconds", "maxAttempts",
        "timeoutSeconds", "key", "keyWhile", "keySeconds", "debounce", "tenant", "limits",
        "sequence", "collect",
    ]

    /// Parses the body of `POST /v1/jobs`. Members that are null count as not given.
    ///
    /// - Throws: `QueueError.field` if it is not a JSON object, and for the first member that is unknown, repeated, or
    ///   of the wrong type.
    public init(json: [UInt8]) throws(QueueError) {
        let reader = try JSONFields(json, known: Self.fields)
        guard let type = try reader.text("type") else {
            throw .field(.missing, "type", allowed: "the name of a job type, such as document.ingest")
        }
        self.init(type: type)
        if let version = try reader.number("version") { self.version = version }
        if let args = reader.values["args"] { self.args = args }
        if let queue = try reader.text("queue") { self.queue = queue }
        if let priority = try reader.text("priority") { self.priority = priority }
        delay = try reader.duration("delaySeconds")
        runAt = try reader.text("runAt")
        expires = try reader.duration("expiresSeconds")
        maxAttempts = try reader.number("maxAttempts")
        timeout = try reader.duration("timeoutSeconds")
        key = try reader.text("key")
        keyWhile = try reader.text("keyWhile")
        keyPeriod = try reader.duration("keySeconds")
        debounce = try reader.debounce("debounce")
        tenant = try reader.text("tenant")
        limits = try reader.limits("limits") ?? []
        sequence = try reader.sequence("sequence")
        collect = try reader.collect("collect")
    }

    /// The equivalent body of `POST /v1/jobs`; `init(json:)` parses it. `args` are inserted unchanged, so they must be
    /// JSON.
    public var json: [UInt8] {
        func seconds(_ duration: Duration?) -> [UInt8]? {
            duration.map { Array("\(Double($0.milliseconds) / 1000)".utf8) }
        }
        return JSONText.object([
            ("type", JSONText.string(type)), ("version", JSONText.number(version)), ("args", args),
            ("queue", JSONText.string(queue)), ("priority", JSONText.string(priority)),
            ("delaySeconds", seconds(delay)),
            ("runAt", runAt.map { JSONText.string($0) }), ("expiresSeconds", seconds(expires)),
            ("maxAttempts", maxAttempts.map(JSONText.number)), ("timeoutSeconds", seconds(timeout)),
            ("key", key.map { JSONText.string($0) }), ("keyWhile", keyWhile.map { JSONText.string($0) }),
            ("keySeconds", seconds(keyPeriod)), ("debounce", debounce?.json),
            ("tenant", tenant.map { JSONText.string($0) }),
            ("limits", limits.isEmpty ? nil : JSONText.array(limits.map(\.json))), ("sequence", sequence?.json),
            ("collect", collect?.json),
        ])
    }
}

/// Stored inside other values as one string, the text of `json`, so that the arguments keep their bytes.
extension JobSpec: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        try self.init(json: Array(text.utf8))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: json, as: UTF8.self))
    }
}
