/// What a search found.
public struct Passage: Codable, Sendable, Equatable {
    /// Of the chunk: a UUID that stays while its text stays, wherever in the document it moves.
    public var id: String
    public var documentId: String
    public var path: String
    public var title: String
    /// From 1.
    public var page: Int
    /// Where the chunk stands in the document, from 0.
    public var ordinal: Int
    /// Code points of the page's text, the end not included.
    public var start: Int
    public var end: Int
    public var headings: [String]
    public var text: String
    /// The cosine with the query, −1 to 1.
    public var score: Float
}
