/// One thing in a queue's keys that should not be.
public struct VerifyFinding: Sendable, Codable, Equatable, Hashable, CustomStringConvertible {
    /// What sort of thing is wrong.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A job is in no place or in several, or has the record of an end and waits, or has ended without one.
        case place
        /// A claim that no living worker holds, or whose attempt can't be.
        case claim
        /// A job without a payload, or a field that can't be read.
        case record
        /// A counter differs from what it counts.
        case counter
        /// An idempotency key and the job that holds it disagree.
        case key
        /// A job stands in `expiring` that can't expire, or at another time than its record says.
        case expiry
        /// Something that belongs to nobody and would stay for ever.
        case orphan
        /// A key under the queue's prefix that no script writes.
        case unknown
    }

    /// What sort of thing it is.
    public var kind: Kind
    /// The job that it is about.
    public var id: String?
    /// The Redis key, where one says more than the id.
    public var key: String?
    /// What was found, in words.
    public var detail: String

    /// Takes the fields as they are; nothing is checked.
    public init(_ kind: Kind, id: String? = nil, key: String? = nil, _ detail: String) {
        self.kind = kind
        self.id = id
        self.key = key
        self.detail = detail
    }

    public var description: String {
        [kind.rawValue, id, key].compactMap { $0 }.joined(separator: " ") + ": " + detail
    }
}
