public import Ingestion
public import Queue

/// Finds the passages that are nearest in meaning to a query.
public struct DocumentSearch: JobRequest {
    /// The passages.
    public typealias Output = Answer
    /// The name under which such jobs are stored.
    public static let type = "document.search"

    /// 1 to 2,000 characters.
    public var query: String
    /// How many passages at most, 1 to 100; 5 if left out.
    public var limit: Int?

    /// Checks nothing: a job whose query or limit is out of range goes to dead when it runs.
    public init(query: String, limit: Int? = nil) {
        self.query = query
        self.limit = limit
    }

    /// Passages, nearest first.
    public struct Answer: Codable, Sendable {
        /// At most `limit`; none when the store has none.
        public var passages: [Passage]
    }
}
