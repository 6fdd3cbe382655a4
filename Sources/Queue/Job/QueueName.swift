/// The name of a queue: 1 to 64 of `a-z 0-9 _ -`, starting with a letter or digit.
public struct QueueName: Sendable, Hashable, CustomStringConvertible {
    /// The name as it was given.
    public let text: String

    /// `default`: for jobs whose producer does not name a queue.
    public static let `default` = QueueName(checked: "default")

    /// - Throws: `QueueError.field` for any other text.
    public init(_ text: String) throws(QueueError) {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 64, Self.isPlain(first),
            bytes.allSatisfy({ Self.isPlain($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
        else {
            throw .field(
                .invalid, "queue", found: text, allowed: "1 to 64 of a-z, 0-9, '_' and '-', a letter or digit first")
        }
        self.text = text
    }

    private init(checked text: String) { self.text = text }

    /// As it is in Redis; another form only if somebody wrote the key by hand.
    init(stored text: some Collection<UInt8>) { self.text = String(decoding: text, as: UTF8.self) }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    public var description: String { text }
}
