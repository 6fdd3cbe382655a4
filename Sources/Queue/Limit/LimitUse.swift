/// A key whose permits a job needs to start, such as `scryfall` or `tenant:42`.
public struct LimitUse: Sendable, Hashable {
    /// 1 to 128 bytes, without a `*` at the end, which stands for a class of keys.
    public var key: String
    /// How many permits it takes, 1 to 1,000,000.
    public var cost: Int

    /// Checks nothing; `NewJob.init` does.
    public init(_ key: String, cost: Int = 1) {
        self.key = key
        self.cost = cost
    }

    /// The maximum number of keys of one job.
    public static let countLimit = 8

    /// `"scryfall"`, or `{"key":"scryfall","cost":3}`.
    package var json: [UInt8] {
        if cost == 1 { return JSONText.string(key) }
        return JSONText.object([("key", JSONText.string(key)), ("cost", JSONText.number(cost))])
    }

    var storedKey: String { KeyText.stored(key) }

    /// A key or a class of keys, which ends with `*`, in the form in which it is stored.
    static func storedClass(_ key: String) -> String {
        key.hasSuffix("*") ? KeyText.stored(String(key.dropLast())) + "*" : KeyText.stored(key)
    }

    func validate() throws(QueueError) {
        try Self.check(key: key)
        guard !key.hasSuffix("*") else {
            throw .field(
                .invalid, "limits", found: key, allowed: "keys that do not end with '*', which stands for a class")
        }
        guard (1...1_000_000).contains(cost) else {
            throw .field(.invalid, "limits", found: "cost \(cost)", allowed: "costs from 1 to 1000000")
        }
    }

    static func check(key: String) throws(QueueError) {
        guard (1...128).contains(key.utf8.count) else {
            throw .field(.invalid, "limits", found: "\(key.utf8.count) bytes", allowed: "keys of 1 to 128 bytes")
        }
    }

    /// - Throws: `QueueError.field` for too many keys, a key twice, and a key or cost out of range.
    static func validate(_ uses: [LimitUse]) throws(QueueError) {
        guard uses.count <= countLimit else {
            throw .field(.invalid, "limits", found: "\(uses.count) keys", allowed: "at most \(countLimit) keys")
        }
        for use in uses { try use.validate() }
        guard Set(uses.map(\.key)).count == uses.count else {
            throw .field(.repeated, "limits", allowed: "each key once")
        }
    }
}
