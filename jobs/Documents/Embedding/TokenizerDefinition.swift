internal import Foundation

/// The parts of a `tokenizer.json` that the tokenizer needs, checked, with ▁ written as a space (see `Tokenizer`).
struct TokenizerDefinition {
    struct Token {
        var text: [UInt8]
        var id: UInt32
    }

    struct Merge {
        var left: UInt32
        var right: UInt32
        var result: UInt32
        var lastOfLeft: UInt8
        var firstOfRight: UInt8
    }

    var vocabulary: [Token] = []
    var vocabularySize = 0
    /// In the order of their ranks.
    var merges: [Merge] = []
    var byteTokens: [UInt32] = []
    /// Longest first, so that the first match is the longest.
    var added: [(text: [UInt8], id: UInt32)] = []

    init(path: String) throws(EmbeddingError) {
        let file = try Safetensors.map(path)
        let root: JSONValue
        do throws(JSONSyntaxError) {
            root = try file.withUnsafeBytes { bytes in
                Result { () throws(JSONSyntaxError) in try JSONValue(parsing: bytes) }
            }
            .get()
        } catch {
            throw .malformed(file: path, reason: "it is not JSON at byte \(error.offset)")
        }
        do throws(Refusal) {
            try Self.checkShape(of: root)
            try readModel(of: root)
            try readAddedTokens(of: root)
        } catch {
            switch error {
            case .damage(let reason): throw .malformed(file: path, reason: reason)
            case .unknown(let reason): throw .unsupported(file: path, reason: reason)
            }
        }
    }

    private enum Refusal: Error {
        case damage(String)
        case unknown(String)
    }

    private static func checkShape(of root: JSONValue) throws(Refusal) {
        guard let model = root["model"], model["type"]?.text == "BPE" else {
            throw .unknown("its model is \(root["model"]?["type"]?.text ?? "not named"), not BPE")
        }
        guard model["byte_fallback"]?.flag == true else { throw .unknown("its model has no byte fallback") }
        for option in ["dropout", "continuing_subword_prefix", "end_of_word_suffix"] {
            guard model[option]?.isNull ?? true else { throw .unknown("its model uses \(option)") }
        }
        guard model["ignore_merges"]?.flag != true else { throw .unknown("its model uses ignore_merges") }
        guard root["pre_tokenizer"]?.isNull ?? true else { throw .unknown("it has a pre-tokenizer") }

        let steps = root["normalizer"]?["normalizers"]?.elements ?? []
        guard steps.count == 2, steps[0]["type"]?.text == "Prepend", steps[0]["prepend"]?.text == "▁",
            steps[1]["type"]?.text == "Replace", steps[1]["pattern"]?["String"]?.text == " ",
            steps[1]["content"]?.text == "▁"
        else { throw .unknown("its normalizer is not 'prepend ▁, replace spaces by ▁'") }
    }

    private mutating func readModel(of root: JSONValue) throws(Refusal) {
        guard let words = root["model"]?["vocab"]?.members, let rules = root["model"]?["merges"]?.elements else {
            throw .damage("its model has no vocab or no merges")
        }
        var ids: [[UInt8]: UInt32] = [:]
        ids.reserveCapacity(words.count)
        for (text, value) in words {
            guard let id = value.count, let id = UInt32(exactly: id), id < 1 << 24 else {
                throw .damage("a token of its vocabulary has no valid id")
            }
            let spaced = Self.spaced(text)
            guard !text.contains(UInt8(ascii: " ")), ids.updateValue(id, forKey: spaced) == nil else {
                throw .unknown("its vocabulary has a token with a space, or a repeated one")
            }
            vocabulary.append(Token(text: spaced, id: id))
            vocabularySize = max(vocabularySize, Int(id) + 1)
        }

        for byte in 0...255 {
            let digits = String(byte, radix: 16, uppercase: true)
            guard let id = ids[Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)] else {
                throw .damage("its vocabulary has no token for the byte \(byte)")
            }
            byteTokens.append(id)
        }

        let bytes = Set(byteTokens)
        merges.reserveCapacity(rules.count)
        for rule in rules {
            guard let (left, right) = Self.sides(of: rule), let first = ids[left], let second = ids[right],
                let result = ids[left + right], let last = left.last, let start = right.first
            else { throw .damage("the merge rule of rank \(merges.count) names unknown tokens") }
            guard !bytes.contains(first), !bytes.contains(second) else { throw .unknown("it merges byte tokens") }
            merges.append(Merge(left: first, right: second, result: result, lastOfLeft: last, firstOfRight: start))
        }
    }

    /// Written as `"a b"`, or as `["a", "b"]` in newer versions of the format.
    private static func sides(of rule: JSONValue) -> (left: [UInt8], right: [UInt8])? {
        let parts: [[UInt8]]
        if let text = rule.bytes {
            parts = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map(Array.init)
        } else {
            parts = (rule.elements ?? []).compactMap(\.bytes)
        }
        return parts.count == 2 ? (spaced(parts[0]), spaced(parts[1])) : nil
    }

    private mutating func readAddedTokens(of root: JSONValue) throws(Refusal) {
        for token in root["added_tokens"]?.elements ?? [] {
            guard let text = token["content"]?.bytes, !text.isEmpty, let id = token["id"]?.count, id < 1 << 24 else {
                throw .damage("an added token has no content or no valid id")
            }
            for option in ["single_word", "lstrip", "rstrip", "normalized"] {
                guard token[option]?.flag != true else { throw .unknown("an added token uses \(option)") }
            }
            added.append((text, UInt32(id)))
            vocabularySize = max(vocabularySize, id + 1)
        }
        added.sort { $0.text.count > $1.text.count }
    }

    private static func spaced(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var offset = 0
        while offset < text.count {
            if text[offset...].starts(with: "▁".utf8) {
                result.append(UInt8(ascii: " "))
                offset += 3
            } else {
                result.append(text[offset])
                offset += 1
            }
        }
        return result
    }
}
