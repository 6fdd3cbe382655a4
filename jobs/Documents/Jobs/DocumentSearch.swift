public import Ingestion
public import Queue

/// Finds the passages that are nearest in meaning to a query.
public struct DocumentSearch: JobRequest {
    /// The passages.
    public typealias Output = Answer
    /// The name of the job type.
    public static let type = "document.search"

    /// 1 to 2,000 characters.
    public var query: String
    /// The maximum number of passages, 1 to 100; default 5.
    public var limit: Int?

    /// Does not check anything: a job whose query or limit is out of range becomes dead when it runs.
    public init(query: String, limit: Int? = nil) {
        self.query = query
        self.limit = limit
    }

    /// Passages, nearest first.
    public struct Answer: Codable, Sendable {
        /// At most `limit`; empty if the store is empty.
        public var passages: [Passage]
    }
}
