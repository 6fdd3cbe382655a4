internal import Foundation

/// What a producer said about a job: the field `b` of its hash, written once (docs/wire.md).
///
/// `<created ms> <priority> <type> <version> <options JSON or nothing>\n<arguments>`
public struct JobBody: Sendable {
    /// In ms since 1970, by the producer's clock: it is shown and decides nothing.
    public let createdAt: Int
    /// Which of the queue's lists it waits in.
    public let priority: Priority
    /// The name of its type, as in `NewJob`.
    public let type: String
    /// Of its type: a worker that knows only lower ones leaves the job to others.
    public let version: Int
    let stored: StoredOptions
    private var bytes: [UInt8]
    private let headerLength: Int

    /// The arguments as they came: JSON, unless producer and handler agree on something else.
    public var arguments: Payload { Payload(stored: Array(bytes[headerLength...])) }

    /// How many failed attempts end it, 1 to 1,000; nil for what its handler says.
    public var maxAttempts: Int? { stored.maxAttempts }
    /// The longest that one attempt may take, in whole ms; nil for what its handler says.
    public var timeout: Duration? { stored.timeout.map { .milliseconds($0) } }
    /// Whose job it is, 1 to 128 bytes; nil if the producer did not say.
    public var tenant: String? { stored.tenant }
    /// The W3C `traceparent` that the producer gave, 1 to 256 bytes, not checked for its form; nil without one.
    public var traceparent: String? { stored.traceparent }

    /// The same with other arguments, for a handler that is to see what was made of them.
    package func replacing(arguments: Payload) -> JobBody {
        var changed = self
        changed.bytes = Array(bytes[..<headerLength]) + arguments.stored
        return changed
    }

    /// Whether a repeated request asks for the same: of the same type, with the same arguments.
    package func isRepeated(by job: NewJob) -> Bool {
        guard type == job.type else { return false }
        if let digest = stored.digest { return digest == job.digest }
        return arguments == job.arguments
    }

    /// Reads `b`.
    /// - Throws: `QueueError.damaged` when it has another form; a stored job has been changed by hand then.
    package init(_ b: [UInt8], of id: String) throws(QueueError) {
        guard let end = b.firstIndex(of: UInt8(ascii: "\n")) else {
            throw .damaged(id: id, reason: "field b has no header line")
        }
        var start = 0
        func next() -> ArraySlice<UInt8> {
            let stop = b[start..<end].firstIndex(of: UInt8(ascii: " ")) ?? end
            defer { start = min(stop + 1, end) }
            return b[start..<stop]
        }
        let fields = (next(), next(), next(), next())
        guard let createdAt = DecimalText.number(fields.0), let level = DecimalText.number(fields.1),
            let priority = Priority(rawValue: level), !fields.2.isEmpty, let version = DecimalText.number(fields.3)
        else {
            throw .damaged(id: id, reason: "the header line of field b is not 'created priority type version options'")
        }
        self.createdAt = createdAt
        self.priority = priority
        self.version = version
        type = String(decoding: fields.2, as: UTF8.self)
        bytes = b
        headerLength = end + 1
        if start == end {
            stored = .none
        } else if let read = try? JSONDecoder().decode(StoredOptions.self, from: Data(b[start..<end])) {
            stored = read
        } else {
            throw .damaged(id: id, reason: "the options in field b are not valid JSON")
        }
    }
}
