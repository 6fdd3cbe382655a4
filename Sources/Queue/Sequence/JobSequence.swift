/// Puts jobs of a queue into a strict order: each starts when the one before it has ended.
///
/// The order is the one in which they were stored. A job that waits for its time, or for a signal before its first turn,
/// joins when it becomes ready. Between its attempts a job keeps its turn.
public struct JobSequence: Sendable, Hashable {
    /// 1 to 128 bytes. Jobs of different types may share it.
    public var key: String
    /// What the others do when this job dies.
    public var afterDead: AfterDead

    /// What follows in a sequence when a job has died. After a job that was cancelled or has expired, the next always starts.
    public enum AfterDead: String, Sendable, Codable, CaseIterable {
        /// The others wait until somebody retries or purges the dead job, or resumes the sequence.
        case halt
        /// The next one starts.
        case goOn
    }

    /// Checks nothing; `NewJob.init` does.
    public init(_ key: String, afterDead: AfterDead = .halt) {
        self.key = key
        self.afterDead = afterDead
    }

    /// As in its Redis keys.
    var storedKey: String { KeyText.stored(key) }

    /// `"order-42"`, or `{"key":"order-42","afterDead":"goOn"}`.
    var json: [UInt8] {
        if afterDead == .halt { return JSONText.string(key) }
        return JSONText.object([("key", JSONText.string(key)), ("afterDead", JSONText.string(afterDead.rawValue))])
    }

    func validate() throws(QueueError) { try Self.check(key: key) }

    static func check(key: String) throws(QueueError) {
        guard (1...128).contains(key.utf8.count) else {
            throw .field(.invalid, "sequence", found: "\(key.utf8.count) bytes", allowed: "a key of 1 to 128 bytes")
        }
    }
}

extension JSONFields {
    /// A key, or an object with `key` and `afterDead`.
    func sequence(_ name: String) throws(QueueError) -> JobSequence? {
        guard let value = values[name] else { return nil }
        if value.first == UInt8(ascii: "\""), let key = try text(name) { return JobSequence(key) }
        guard value.first == UInt8(ascii: "{") else {
            throw .field(
                .wrongValue, name, found: String(decoding: value, as: UTF8.self),
                allowed: #"a key, or an object such as {"key":"order-42","afterDead":"goOn"}"#)
        }
        let reader = try JSONFields(value, known: ["key", "afterDead"])
        guard let key = try reader.text("key") else {
            throw .field(.missing, "key", allowed: "the key of 'sequence', 1 to 128 bytes")
        }
        guard let word = try reader.text("afterDead") else { return JobSequence(key) }
        guard let afterDead = JobSequence.AfterDead(rawValue: word) else {
            throw .field(.wrongValue, "afterDead", found: word, allowed: "halt or goOn")
        }
        return JobSequence(key, afterDead: afterDead)
    }
}
