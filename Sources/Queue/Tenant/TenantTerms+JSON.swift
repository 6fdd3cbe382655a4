extension TenantTerms {
    /// Parses the body of `PUT /v1/queues/{queue}/tenants/{tenant}`. Members that are null count as not given.
    ///
    /// - Throws: `QueueError.field` if it is not a JSON object, and for the first member that is unknown or of the wrong
    ///   type.
    public init(json: [UInt8]) throws(QueueError) {
        let fields = try JSONFields(json, known: ["weight", "maxWaiting"])
        self.init(weight: try fields.number("weight") ?? 1, maxWaiting: try fields.number("maxWaiting"))
    }
}

extension TenantStats {
    /// `{"tenant","weight","maxWaiting","ready"}`; without terms of its own, the two in the middle are null.
    public var json: [UInt8] { JSONText.object(members + [("ready", JSONText.number(ready))]) }

    /// The same without `ready`: what was set.
    public var termsJSON: [UInt8] { JSONText.object(members) }

    private var members: [(name: String, value: [UInt8]?)] {
        [
            ("tenant", JSONText.string(tenant)),
            ("weight", terms.map { JSONText.number($0.weight) }),
            ("maxWaiting", terms?.maxWaiting.map(JSONText.number)),
        ]
    }
}
