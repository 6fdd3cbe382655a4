/// A piece of a document small enough to be found by its meaning and large enough to have one.
public struct Chunk: Sendable, Equatable {
    /// From 1.
    public var page: Int
    /// Where the text stands in the text of its page, in Unicode code points from 0.
    public var range: Range<Int>
    /// The headings that it stands under, outermost first; of Markdown only.
    public var headings: [String]
    /// The page's text in `range`, letter for letter.
    public var text: String

    /// Takes the fields as they are; nothing is checked.
    public init(page: Int, range: Range<Int>, headings: [String], text: String) {
        self.page = page
        self.range = range
        self.headings = headings
        self.text = text
    }

    /// What the embedder sees: the text under its headings, which often hold the words that a question uses.
    public var textWithHeadings: String {
        headings.isEmpty ? text : headings.joined(separator: " / ") + "\n" + text
    }
}
