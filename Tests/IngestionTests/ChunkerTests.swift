import Foundation
import Testing

@testable import Ingestion

@Suite struct ChunkerTests {
    /// One token a word: easy to count by hand.
    private let words: (String) -> Int = { $0.split(whereSeparator: \.isWhitespace).count }

    private func page(_ text: String) -> PageText { PageText(number: 3, text: text, verdict: .native) }

    @Test func aShortPageIsOneChunk() {
        let chunks = Chunker().chunks(of: page("  One horse. Two horses.\n"), isMarkdown: false, tokens: words)
        #expect(chunks == [Chunk(page: 3, range: 2..<24, headings: [], text: "One horse. Two horses.")])
    }

    @Test func whiteSpaceGivesNoChunks() {
        #expect(Chunker().chunks(of: page(" \n\t\u{3000}\n"), isMarkdown: true, tokens: words).isEmpty)
        #expect(Chunker().chunks(of: page(""), isMarkdown: false, tokens: words).isEmpty)
    }

    @Test func chunksEndWithSentencesAndShareATenth() throws {
        // 60 sentences of ten words.
        let text = (1...60).map { "Sentence number \($0) has ten words in it all told." }.joined(separator: " ")
        let chunks = Chunker().chunks(of: page(text), isMarkdown: false, tokens: words)
        #expect(chunks.count == 4)
        for chunk in chunks {
            #expect(words(chunk.text) <= 200)
            #expect(chunk.text.hasPrefix("Sentence number"))
            #expect(chunk.text.hasSuffix("told."))
        }
        for (chunk, next) in zip(chunks, chunks.dropFirst()) {
            let shared = String(scalars: Array(text.unicodeScalars)[next.range.lowerBound..<chunk.range.upperBound])
            #expect(words(shared) == 20)
        }
    }

    @Test func abbreviationsAndNumbersEndNoSentence() {
        let text = Array(
            "A load is approx. two cwt. in all. Pay 3.50 at No. five!  \"Is it far?\" he asked. Yes".unicodeScalars)
        let sentences = SentenceSplitter.sentences(in: text, range: 0..<text.count).map { String(scalars: text[$0]) }
        #expect(
            sentences == [
                "A load is approx. two cwt. in all.", "Pay 3.50 at No. five!", "\"Is it far?\" he asked.", "Yes",
            ])
    }

    @Test func scriptsWithoutSpacesHaveSentencesToo() {
        let text = Array("馬は塩を運ぶ。市場は遠い！「橋を渡れ。」終".unicodeScalars)
        let sentences = SentenceSplitter.sentences(in: text, range: 0..<text.count).map { String(scalars: text[$0]) }
        #expect(sentences == ["馬は塩を運ぶ。", "市場は遠い！", "「橋を渡れ。」", "終"])
    }

    @Test func headingsMakeAPath() {
        let text = """
            before
            # One #
            a
            ### Three
            b
            ## Two
            ```
            # code
            ```
            #no heading
                # code too
            # Other
            """
        let chunks = Chunker().chunks(of: page(text), isMarkdown: true, tokens: words)
        #expect(chunks.map(\.headings) == [[], ["One"], ["One", "Three"], ["One", "Two"], ["Other"]])
        #expect(chunks[3].text.contains("# code too"))
        #expect(chunks[2].textWithHeadings == "One / Three\n### Three\nb")
        #expect(Chunker().chunks(of: page(text), isMarkdown: false, tokens: words).count == 1)
    }

    /// For any text: chunks are the page's own letters at their offsets, in order, cover all but white space, keep to
    /// the size, and end.
    @Test(arguments: 0..<60) func anyTextRoundTrips(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let alphabet: [String] = [
            "a", "B", "horse", "salt ", " ", " ", "\n", "\n\n", ".", ". ", "! ", "é", "e\u{301}", "馬", "。", "🐴", "👩‍🌾",
            "# ", "\n## Head\n", "```\n", "\t", "\r\n", "\u{0}", "\u{200D}", "\"", "(", ")",
            String(repeating: "x", count: 90),
        ]
        let text = (0..<Int.random(in: 0...1_500, using: &random))
            .map { _ in alphabet.randomElement(using: &random) ?? "" }.joined()
        var chunker = Chunker()
        chunker.target = Int.random(in: 1...60, using: &random)
        chunker.overlap = chunker.target / 10
        // A token every three code points, rounded up.
        let tokens: (String) -> Int = { ($0.unicodeScalars.count + 2) / 3 }
        let chunks = chunker.chunks(of: page(text), isMarkdown: seed % 2 == 0, tokens: tokens)

        let scalars = Array(text.unicodeScalars)
        var covered = [Bool](repeating: false, count: scalars.count)
        var last = (start: -1, end: -1)
        for chunk in chunks {
            #expect(Array(chunk.text.unicodeScalars) == Array(scalars[chunk.range]))
            #expect(chunk.range.lowerBound > last.start)
            #expect(chunk.range.upperBound > last.end)
            last = (chunk.range.lowerBound, chunk.range.upperBound)
            for place in chunk.range { covered[place] = true }
            // The sum over the sentences leaves out the white space between them.
            let visible = chunk.text.unicodeScalars.count { !$0.properties.isWhitespace }
            #expect(visible <= chunker.target * 3)
        }
        let missed = scalars.indices.filter { !covered[$0] && !scalars[$0].properties.isWhitespace }
        #expect(missed.isEmpty)
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
