/// A result of a search.
public struct Passage: Codable, Sendable, Equatable {
    /// The id of the chunk: a UUID that stays while its text stays, wherever it moves in the document.
    public var id: String
    /// The id of the document: a UUID made from its path.
    public var documentId: String
    /// Relative to the root of documents.
    public var path: String
    /// The title of the document.
    public var title: String
    /// From 1.
    public var page: Int
    /// The position of the chunk in the document, from 0.
    public var ordinal: Int
    /// The first code point in the page's text.
    public var start: Int
    /// The position after the last code point: more than `start`.
    public var end: Int
    /// The headings above it, outermost first; only for Markdown.
    public var headings: [String]
    /// The exact text of the page from `start` to `end`.
    public var text: String
    /// The cosine with the query, −1 to 1.
    public var score: Float
}
