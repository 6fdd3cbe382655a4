public import Ingestion
public import Queue

/// Finds the passages that are nearest in meaning to a query.
public struct DocumentSearch: JobRequest {
    public typealias Output = Answer
    public static let type = "document.search"

    /// 1 to 2,000 characters.
    public var query: String
    /// How many passages at most, 1 to 100; 5 if left out.
    public var limit: Int?

    public init(query: String, limit: Int? = nil) {
        self.query = query
        self.limit = limit
    }

    /// Passages, nearest first.
    public struct Answer: Codable, Sendable {
        public var passages: [Passage]
    }
}
