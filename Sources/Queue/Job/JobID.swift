/// The identifier of a job: `<queue>.<unique part>`. The id alone shows where the job is kept.
///
/// The unique part is a UUIDv7, unless the caller chooses one: 1 to 64 of `A-Z a-z 0-9 : _ -`.
public struct JobID: Sendable, Hashable, CustomStringConvertible {
    /// `<queue>.<unique part>`, 3 to 129 bytes; another form only if somebody wrote the key by hand.
    public let text: String
    /// The queue that keeps the job: the text before the first dot.
    public var queue: QueueName { QueueName(stored: text.utf8.prefix { $0 != UInt8(ascii: ".") }) }

    /// Whether this queue keeps the job; the same as comparing `queue`, without making its text.
    package func isOf(_ queue: QueueName) -> Bool {
        var text = text
        var name = queue.text
        return text.withUTF8 { text in
            name.withUTF8 { name in
                text.count > name.count && text[name.count] == UInt8(ascii: ".") && text.starts(with: name)
            }
        }
    }

    /// A new id, which sorts after those made before it in this process.
    public init(in queue: QueueName) {
        text = UUIDv7.next(after: queue.text + ".")
    }

    /// - Throws: `QueueError.invalid` if the text is not a valid id.
    public init(_ text: String) throws(QueueError) {
        guard text.utf8.count <= 129, let dot = text.lastIndex(of: "."),
            (try? QueueName(String(text[..<dot]))) != nil,
            Self.isUniquePart(text[text.index(after: dot)...])
        else {
            throw .invalid("job id '\(text.prefix(140))': ids look like 'default.0199d2c4-7a31-7b5e-8a55-0123456789ab'")
        }
        self.text = text
    }

    /// From the key of the job's hash, which identifies the job in Redis: `ph:{<queue>}:job:<unique part>`. A key of
    /// another form, which somebody wrote by hand, is taken as it is.
    public init(key: some Collection<UInt8>) {
        let head = Self.keyHead, middle = Self.keyMiddle
        guard key.starts(with: head), let brace = key.firstIndex(of: UInt8(ascii: "}")),
            key[brace...].starts(with: middle)
        else {
            text = String(decoding: key, as: UTF8.self)
            return
        }
        let queue = key[key.index(key.startIndex, offsetBy: head.count)..<brace]
        let unique = key[key.index(brace, offsetBy: middle.count)...]
        text = String(unsafeUninitializedCapacity: queue.count + 1 + unique.count) { out in
            var end = out.initialize(fromContentsOf: queue)
            out.initializeElement(at: end, to: UInt8(ascii: "."))
            end = out[(end + 1)...].initialize(fromContentsOf: unique)
            return end
        }
    }

    private static let keyHead = Array("ph:{".utf8), keyMiddle = Array("}:job:".utf8)

    private static func isUniquePart(_ part: Substring) -> Bool {
        (1...64).contains(part.utf8.count)
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    public var description: String { text }
}
