/// One thing that is wrong in a queue's keys.
public struct VerifyFinding: Sendable, Codable, Equatable, Hashable, CustomStringConvertible {
    /// What sort of thing is wrong.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A job is in no place or in several, or it has the record of an end and waits, or has ended without one.
        case place
        /// A claim that no living worker holds, or whose attempt is impossible.
        case claim
        /// A job without a payload, or a field that can't be read.
        case record
        /// A counter differs from what it counts.
        case counter
        /// An idempotency key and the job that holds it disagree.
        case key
        /// A job in `expiring` can't expire, or its time there differs from its record.
        case expiry
        /// A schedule and the index of the next ticks disagree.
        case schedule
        /// Something without an owner that would stay forever.
        case orphan
        /// A key under the queue's prefix that no script writes.
        case unknown
    }

    /// What sort of thing it is.
    public var kind: Kind
    /// The job, if it is about one.
    public var id: String?
    /// The Redis key, if it says more than the id.
    public var key: String?
    /// What was found, in words.
    public var detail: String

    /// Takes the fields as they are, without checks.
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
