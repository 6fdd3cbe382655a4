internal import Foundation

/// What a producer specified for a job: the field `b` of its hash, written once (docs/wire.md).
///
/// `<created ms> <priority> <type> <version> <options JSON or nothing>\n<arguments>`
public struct JobBody: Sendable {
    /// In ms since 1970, by the producer's clock; it is shown and affects nothing.
    public let createdAt: Int
    /// Which of the queue's lists it waits in.
    public let priority: Priority
    /// The name of the job's type, as in `NewJob`.
    public let type: String
    /// The version of its type: a worker that knows only lower versions leaves the job to others.
    public let version: Int
    let stored: StoredOptions
    private var bytes: [UInt8]
    private let headerLength: Int

    /// The arguments as they were stored: JSON, unless producer and handler agree on something else.
    public var arguments: Payload { Payload(stored: Array(bytes[headerLength...])) }

    /// How many failed attempts end the job, 1 to 1,000; nil for its handler's default.
    public var maxAttempts: Int? { stored.maxAttempts }
    /// The time limit of one attempt, in whole ms; nil for its handler's default.
    public var timeout: Duration? { stored.timeout.map { .milliseconds($0) } }
    /// The tenant that owns the job, 1 to 128 bytes; nil if the producer did not set it.
    public var tenant: String? { stored.tenant }
    /// The W3C `traceparent` from the producer, 1 to 256 bytes, in any form; nil without one.
    public var traceparent: String? { stored.traceparent }

    /// The same body with other arguments, for a handler that must see what a middleware made of them.
    package func replacing(arguments: Payload) -> JobBody {
        var changed = self
        changed.bytes = Array(bytes[..<headerLength]) + arguments.stored
        return changed
    }

    /// Whether a repeated request asks for the same: the same type with the same arguments.
    package func isRepeated(by job: NewJob) -> Bool {
        guard type == job.type else { return false }
        if let digest = stored.digest { return digest == job.digest }
        return arguments == job.arguments
    }

    /// Reads `b`.
    /// - Throws: `QueueError.damaged` if it has another form; then somebody changed a stored job by hand.
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
