import Foundation
import Testing

@testable import Embedding

@Suite struct TokenizerTests {
    @Test func equalsThePackageInEveryScript() throws {
        let tokenizer = try Tokenizer(path: Model.tokenizer)
        for sample in try Fixture().samples {
            #expect(tokenizer.ids(of: sample.text) == sample.ids, "\(sample.text.debugDescription)")
        }
    }

    /// Both ways to find the next merge lead to the same tokens, on every length around the border between them.
    @Test func searchAndHeapAgree() throws {
        let definition = try TokenizerDefinition(path: Model.tokenizer)
        var rules = MergeTable(capacity: definition.merges.count)
        for (rank, rule) in definition.merges.enumerated() {
            rules.set(rule.left, rule.right, MergeTable.Merge(rank: UInt32(rank), result: rule.result))
        }
        let ids = Dictionary(definition.vocabulary.map { ($0.text, $0.id) }, uniquingKeysWith: { first, _ in first })
        let letters = try "aehinorst".utf8.map { try #require(ids[[$0]]) }

        var random = SystemRandomNumberGenerator()
        for length in 0...120 {
            let characters = (0..<length).map { _ in letters.randomElement(using: &random) ?? 0 }
            let (bySearch, byHeap) = (
                merged(characters, by: { $0.mergeBySearch(rules) }),
                merged(characters, by: { $0.mergeByHeap(rules) })
            )
            #expect(bySearch == byHeap, "\(characters)")
        }
    }

    private func merged(_ tokens: [UInt32], by merge: (inout Merger) -> Void) -> [UInt32] {
        var merger = Merger()
        for token in tokens { merger.append(token) }
        merge(&merger)
        var result: [UInt32] = []
        merger.appendTokens(to: &result)
        return result
    }

    /// A vocabulary in which "abc" is a token that its own letters never merge into: "b c" goes before "a b". The ids
    /// are those of the `tokenizers` package on the same definition.
    @Test func aTokenIsTakenWholeOnlyIfItsLettersMergeIntoIt() throws {
        let bytes = (0..<256).map { byte in
            "<0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) + ">"
        }
        let words = bytes + ["▁", "a", "b", "c", "ab", "bc", "abc", "\0", "a\0"]
        let definition: [String: Any] = [
            "added_tokens": [], "pre_tokenizer": NSNull(),
            "normalizer": [
                "type": "Sequence",
                "normalizers": [
                    ["type": "Prepend", "prepend": "▁"],
                    ["type": "Replace", "pattern": ["String": " "], "content": "▁"],
                ],
            ],
            "model": [
                "type": "BPE", "byte_fallback": true,
                "vocab": Dictionary(uniqueKeysWithValues: zip(words, 0...)),
                "merges": [["b", "c"], ["a", "b"], ["ab", "c"], ["a", "\0"]],
            ],
        ]
        try withTemporaryDirectory { directory in
            let path = directory.appendingPathComponent("tokenizer.json").path
            try JSONSerialization.data(withJSONObject: definition).write(to: URL(fileURLWithPath: path))
            let tokenizer = try Tokenizer(path: path)
            let first = UInt32(bytes.count)
            #expect(tokenizer.vocabularySize == words.count)
            #expect(tokenizer.ids(of: "abc") == [first, first + 1, first + 5])
            #expect(tokenizer.ids(of: "ab") == [first, first + 4])
            #expect(tokenizer.ids(of: "a\0") == [first, first + 8])
            #expect(tokenizer.ids(of: "ad") == [first, first + 1, UInt32(UInt8(ascii: "d"))])
        }
    }

    @Test func shortTextsDifferInTheirLength() throws {
        let one = try #require(ShortText([0x61]))
        #expect(try #require(ShortText([0x61, 0])) != one)
        #expect(ShortText([]) == nil)
        #expect(ShortText([UInt8](repeating: 0x61, count: 15)) != nil)
        #expect(ShortText([UInt8](repeating: 0x61, count: 16)) == nil)
    }

    /// n², about 10¹² steps here, would hold this test for an hour.
    @Test(.timeLimit(.minutes(3))) func aWordOfAMillionLettersDoesNotTakeQuadraticTime() throws {
        let tokenizer = try Tokenizer(path: Model.tokenizer)
        let ids = tokenizer.ids(of: String(repeating: "a", count: 1_000_000))
        #expect(ids.count < 1_000_000)
        #expect(!ids.isEmpty)
    }

    @Test(arguments: [
        (#""type":"BPE""#, #""type":"Unigram""#, "not BPE"),
        (#""byte_fallback":true"#, #""byte_fallback":false"#, "byte fallback"),
        (#""pre_tokenizer":null"#, #""pre_tokenizer":{"type":"Whitespace"}"#, "pre-tokenizer"),
        (#""type":"Prepend""#, #""type":"Lowercase""#, "normalizer"),
        (#""lstrip":false"#, #""lstrip":true"#, "lstrip"),
        (#""▁ t","#, #""▁ tzzzz","#, "rank 0"),
        (#""<0x7F>""#, #""<0x7f>""#, "byte 127"),
    ])
    func refusesByNameWhatItCannotDo(wanted: String, changed: String, reason: String) throws {
        // Compact JSON, so that the parts to be changed are written one way only.
        let whole = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: Model.tokenizer)))
        let data = try JSONSerialization.data(withJSONObject: whole, options: [.sortedKeys, .withoutEscapingSlashes])
        let json = String(decoding: data, as: UTF8.self)
        try #require(json.contains(wanted))
        try withTemporaryDirectory { directory in
            let path = directory.appendingPathComponent("tokenizer.json").path
            try json.replacing(wanted, with: changed).write(toFile: path, atomically: true, encoding: .utf8)
            let error = #expect(throws: EmbeddingError.self) { try Tokenizer(path: path) }
            #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        }
    }
}
