/// A piece of a document that is small enough to be found by its meaning and large enough to have one.
public struct Chunk: Sendable, Equatable {
    /// From 1.
    public var page: Int
    /// The position in the text of its page, in Unicode code points from 0.
    public var range: Range<Int>
    /// The headings above it, outermost first; only for Markdown.
    public var headings: [String]
    /// The exact text of the page in `range`.
    public var text: String

    /// Takes the fields as they are, without checks.
    public init(page: Int, range: Range<Int>, headings: [String], text: String) {
        self.page = page
        self.range = range
        self.headings = headings
        self.text = text
    }

    /// The text for the embedder: the text under its headings, which often contain the words of a question.
    public var textWithHeadings: String {
        headings.isEmpty ? text : headings.joined(separator: " / ") + "\n" + text
    }
}
