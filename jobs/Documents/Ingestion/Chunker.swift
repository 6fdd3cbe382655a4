/// Cuts the text of pages into chunks: whole sentences, about `target` tokens, never across a page or a heading.
///
/// Neighbouring chunks under one heading overlap by about a tenth, so that a statement across a cut is complete in one
/// of them. A sentence with more than `target` tokens is cut between words, and such a word between characters.
public struct Chunker: Sendable {
    /// The maximum number of tokens in a chunk, as the sum over its sentences.
    public var target = 200
    /// The maximum number of tokens that a chunk repeats from the previous one, in whole sentences.
    public var overlap = 20
    /// A single last sentence may be repeated up to this many tokens, because most sentences are longer than the
    /// overlap.
    var longestRepeated: Int { overlap * 2 }

    /// With the defaults above.
    public init() {}

    /// - Parameters:
    ///   - isMarkdown: whether lines like `## Salt` are headings.
    ///   - tokens: the number of tokens that the embedder sees in a text.
    /// - Returns: chunks in the order of the text. They cover everything except white space.
    public func chunks(of page: PageText, isMarkdown: Bool, tokens: (String) -> Int) -> [Chunk] {
        let text = Array(page.text.unicodeScalars)
        let sections = isMarkdown ? MarkdownSection.sections(of: text) : [MarkdownSection(range: 0..<text.count)]
        return sections.flatMap { section in
            let units = SentenceSplitter.sentences(in: text, range: section.range)
                .flatMap { pieces(of: $0, in: text, tokens: tokens) }
            return pack(units).map { range in
                Chunk(
                    page: page.number, range: range, headings: section.headings, text: String(scalars: text[range]))
            }
        }
    }

    /// A sentence or a piece of one, and the number of its tokens.
    private struct Unit {
        var range: Range<Int>
        var tokens: Int
    }

    /// Fills chunks with units; each chunk starts with the end of the previous one.
    private func pack(_ units: [Unit]) -> [Range<Int>] {
        var chunks: [Range<Int>] = []
        var first = 0
        while first < units.count {
            var sum = units[first].tokens
            var end = first + 1
            while end < units.count, sum + units[end].tokens <= target {
                sum += units[end].tokens
                end += 1
            }
            chunks.append(units[first].range.lowerBound..<units[end - 1].range.upperBound)
            guard end < units.count else { break }
            first = startOfNext(after: first..<end, in: units)
        }
        return chunks
    }

    /// Where the next chunk starts: at the repeated end of this one, but always after its start.
    private func startOfNext(after chunk: Range<Int>, in units: [Unit]) -> Int {
        var start = chunk.upperBound
        var repeated = 0
        while start - 1 > chunk.lowerBound {
            let tokens = units[start - 1].tokens
            let isFirst = start == chunk.upperBound
            guard repeated + tokens <= (isFirst ? longestRepeated : overlap),
                repeated + tokens + units[chunk.upperBound].tokens <= target
            else { break }
            repeated += tokens
            start -= 1
        }
        return start
    }

    /// The sentence, or pieces of at most `target` tokens if it has more.
    private func pieces(of sentence: Range<Int>, in text: [Unicode.Scalar], tokens: (String) -> Int) -> [Unit] {
        let count = tokens(String(scalars: text[sentence]))
        guard count > target, sentence.count > 1 else { return [Unit(range: sentence, tokens: count)] }

        // Halve it at the white space nearest to the middle, or at the middle if there is none, until it fits.
        let middle = sentence.lowerBound + sentence.count / 2
        let cut =
            (0..<sentence.count / 2).lazy
            .flatMap { [middle - $0, middle + $0] }
            .first { sentence.lowerBound < $0 && $0 < sentence.upperBound && text[$0].properties.isWhitespace }
            ?? Self.characterBorder(near: middle, in: text, of: sentence)
        let left = Self.trimmed(sentence.lowerBound..<cut, in: text)
        let right = Self.trimmed(cut..<sentence.upperBound, in: text)
        return [left, right].filter { !$0.isEmpty }.flatMap { pieces(of: $0, in: text, tokens: tokens) }
    }

    /// A nearby position that does not separate a letter from its accents, if there is one; otherwise the position
    /// itself.
    private static func characterBorder(near middle: Int, in text: [Unicode.Scalar], of range: Range<Int>) -> Int {
        let nearest = (middle..<min(middle + 32, range.upperBound)).first { place in
            text[place].properties.canonicalCombiningClass == .notReordered && !text[place].properties.isJoinControl
                && !text[place].properties.isVariationSelector
        }
        return nearest ?? middle
    }

    /// The range without white space at its ends; empty if there is nothing else.
    static func trimmed(_ range: Range<Int>, in text: [Unicode.Scalar]) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, text[start].properties.isWhitespace { start += 1 }
        while end > start, text[end - 1].properties.isWhitespace { end -= 1 }
        return start..<end
    }
}

extension String {
    /// The text of these code points.
    init(scalars: some Sequence<Unicode.Scalar>) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
