/// What a search found.
public struct Passage: Codable, Sendable, Equatable {
    /// Of the chunk: a UUID that stays while its text stays, wherever in the document it moves.
    public var id: String
    /// Of the document: a UUID made from its path.
    public var documentId: String
    /// Below the root of documents.
    public var path: String
    /// Of the document.
    public var title: String
    /// From 1.
    public var page: Int
    /// Where the chunk stands in the document, from 0.
    public var ordinal: Int
    /// Code points of the page's text, the end not included.
    public var start: Int
    /// Where the next code point would stand: more than `start`.
    public var end: Int
    /// The headings that it stands under, outermost first; of Markdown only.
    public var headings: [String]
    /// The page's text from `start` to `end`, letter for letter.
    public var text: String
    /// The cosine with the query, −1 to 1.
    public var score: Float
}
