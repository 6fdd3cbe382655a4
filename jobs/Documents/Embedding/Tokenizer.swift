internal import Foundation

/// Cuts text into the tokens of a Hugging Face `tokenizer.json`: byte pair encoding with byte fallback.
///
/// It supports what Llama-style vocabularies use of that format, and refuses everything else by name when it loads:
/// normalization "put ▁ in front, turn spaces into ▁", no pre-tokenizer, added tokens without options. The ids are the
/// same as those of the `tokenizers` package with `add_special_tokens=False`.
///
/// It is fast because of two facts that are checked against the vocabulary at load time. A merge can only cross a
/// position if some merge rule has the byte before it on its left and the byte after it on its right, so a text splits
/// into short independent pieces (words, punctuation, single ideographs). And most pieces are tokens themselves: one
/// look-up in a table.
///
/// Internally, the byte 0x20 represents ▁ (three bytes in UTF-8), both in the vocabulary and in the text.
public struct Tokenizer: Sendable {
    private var tokens: TokenTable
    private let merges: MergeTable
    /// Tokens of the 256 bytes, for characters that the vocabulary does not have.
    private let byteTokens: [UInt32]
    /// One flag for each (byte, next byte): whether a token may cross this position. Always set inside a character.
    private let joins: [Bool]
    private let added: [(text: [UInt8], id: UInt32)]
    private let startsAdded: [Bool]

    /// One more than the largest token id.
    public let vocabularySize: Int

    /// - Parameter path: the path of a `tokenizer.json`.
    public init(path: String) throws(EmbeddingError) {
        let definition = try TokenizerDefinition(path: path)
        vocabularySize = definition.vocabularySize
        byteTokens = definition.byteTokens
        added = definition.added
        var startsAdded = [Bool](repeating: false, count: 256)
        for token in definition.added { startsAdded[Int(token.text[0])] = true }
        self.startsAdded = startsAdded

        var merges = MergeTable(capacity: definition.merges.count)
        var joins = [Bool](repeating: false, count: 1 << 16)
        for left in 0..<256 {
            for continuation in 0x80..<0xC0 { joins[left << 8 | continuation] = true }
        }
        for (rank, rule) in definition.merges.enumerated() {
            merges.set(rule.left, rule.right, MergeTable.Merge(rank: UInt32(rank), result: rule.result))
            joins[Int(rule.lastOfLeft) << 8 | Int(rule.firstOfRight)] = true
        }
        self.merges = merges
        self.joins = joins

        var tokens = TokenTable(capacity: definition.vocabulary.count)
        let short = definition.vocabulary.compactMap { token in ShortText(token.text).map { (token, $0) } }
        for (token, text) in short { tokens.set(text, TokenTable.Entry(id: token.id, isWhole: false)) }
        self.tokens = tokens

        // Now that pieces can be merged, find the tokens whose characters merge into them again.
        var merger = Merger()
        for (token, text) in short {
            var ids: [UInt32] = []
            let padded = token.text + Self.padding
            padded.withUnsafeBytes { merge($0, from: 0, to: token.text.count, with: &merger, into: &ids) }
            if ids == [token.id] { self.tokens.set(text, TokenTable.Entry(id: token.id, isWhole: true)) }
        }
    }

    /// The token ids of a text, in order; empty for an empty text.
    public func ids(of text: String) -> [UInt32] {
        var text = text
        return text.withUTF8 { utf8 in
            var ids: [UInt32] = []
            ids.reserveCapacity(utf8.count / 3 + 8)
            var merger = Merger()
            var piece: [UInt8] = []
            piece.reserveCapacity(utf8.count + 1 + Self.padding.count)

            var offset = 0
            while offset < utf8.count {
                offset = normalise(utf8, from: offset, into: &piece)
                if piece.count > 1 {
                    let end = piece.count
                    piece.append(contentsOf: Self.padding)
                    piece.withUnsafeBytes { encode($0, count: end, with: &merger, into: &ids) }
                }
                if let token = addedToken(in: utf8, at: offset) {
                    ids.append(token.id)
                    offset += token.text.count
                }
            }
            return ids
        }
    }

    private static let padding = [UInt8](repeating: 0, count: 16)
    private static let space = UInt8(ascii: " ")

    /// Copies text up to the next added token after a space, with ▁ written as a space.
    /// - Returns: where it stopped.
    private func normalise(_ utf8: UnsafeBufferPointer<UInt8>, from start: Int, into piece: inout [UInt8]) -> Int {
        piece.removeAll(keepingCapacity: true)
        piece.append(Self.space)
        var offset = start
        while offset < utf8.count {
            let byte = utf8[offset]
            if byte == 0xE2, offset &+ 2 < utf8.count, utf8[offset &+ 1] == 0x96, utf8[offset &+ 2] == 0x81 {
                piece.append(Self.space)
                offset &+= 3
            } else if startsAdded[Int(byte)], addedToken(in: utf8, at: offset) != nil {
                return offset
            } else {
                piece.append(byte)
                offset &+= 1
            }
        }
        return offset
    }

    private func addedToken(in utf8: UnsafeBufferPointer<UInt8>, at offset: Int) -> (text: [UInt8], id: UInt32)? {
        guard offset < utf8.count, startsAdded[Int(utf8[offset])] else { return nil }
        return added.first { utf8[offset...].starts(with: $0.text) }
    }

    /// - Parameter text: `count` bytes, followed by the padding.
    private func encode(
        _ text: UnsafeRawBufferPointer, count: Int, with merger: inout Merger, into ids: inout [UInt32]
    ) {
        guard let base = text.baseAddress else { return }
        joins.withUnsafeBufferPointer { joins in
            var start = 0
            while start < count {
                var end = start &+ 1
                while end < count, joins[Int(text[end &- 1]) &<< 8 | Int(text[end])] { end &+= 1 }
                if end &- start <= ShortText.longest,
                    let entry = tokens[ShortText(at: base + start, count: end &- start)], entry.isWhole
                {
                    ids.append(entry.id)
                } else {
                    merge(text, from: start, to: end, with: &merger, into: &ids)
                }
                start = end
            }
        }
    }

    /// Byte pair encoding of one piece: characters to tokens (or to the tokens of their bytes), then merges by rank.
    private func merge(
        _ text: UnsafeRawBufferPointer, from start: Int, to end: Int, with merger: inout Merger,
        into ids: inout [UInt32]
    ) {
        guard let base = text.baseAddress else { return }
        merger.removeAll()
        var offset = start
        while offset < end {
            var next = offset &+ 1
            while next < end, text[next] & 0xC0 == 0x80 { next &+= 1 }
            if let entry = tokens[ShortText(at: base + offset, count: next &- offset)] {
                merger.append(entry.id)
            } else {
                for byte in offset..<next { merger.append(byteTokens[Int(text[byte])]) }
            }
            offset = next
        }
        merger.merge(by: merges)
        merger.appendTokens(to: &ids)
    }
}
