internal import Yams

/// A mistake in YAML, or YAML that has no counterpart in JSON.
struct YAMLMistake: Error {
    let line: Int?
    let message: String
}

/// Parses YAML. Scalars are not converted: each keeps its text and its style.
enum YAMLText {
    /// - Returns: nil for a text without any value.
    static func parse(_ text: String) throws(YAMLMistake) -> Node? {
        try refuseAliases(in: text)
        var text = text
        var round = 0
        while true {
            do {
                return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
            } catch let error as YamlError {
                guard round < 100, let marked = RepeatedName.mark(round, error, in: text) else {
                    throw mistake(error, in: text)
                }
                text = marked
                round += 1
            } catch {
                throw YAMLMistake(line: nil, message: "It can't be read as YAML: \(error)")
            }
        }
    }

    /// A few lines with aliases can stand for any number of values, and Yams compares the values of names before
    /// anything can be counted. So there are none: no text gets to the parser in which a name stands behind `&` and
    /// behind `*`, both where a value could begin.
    private static func refuseAliases(in text: String) throws(YAMLMistake) {
        let bytes = Array(text.utf8)
        let anchors = Set(names(behind: UInt8(ascii: "&"), in: bytes).map(\.name))
        guard !anchors.isEmpty else { return }
        for alias in names(behind: UInt8(ascii: "*"), in: bytes) where anchors.contains(alias.name) {
            let name = String(decoding: alias.name.prefix(100), as: UTF8.self)
            throw YAMLMistake(
                line: 1 + bytes[..<alias.at].count { $0 == UInt8(ascii: "\n") },
                message: "Anchors and aliases (&\(name), *\(name)) are not allowed. Write the value again.")
        }
    }

    private static func names(behind sign: UInt8, in bytes: [UInt8]) -> [(name: ArraySlice<UInt8>, at: Int)] {
        func isOfName(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return bytes.indices.compactMap { i in
            guard bytes[i] == sign else { return nil }
            // Behind a letter or digit it is part of a text.
            if i > 0, bytes[i - 1] != UInt8(ascii: "-"), isOfName(bytes[i - 1]) { return nil }
            let name = bytes[(i + 1)...].prefix(while: isOfName)
            return name.isEmpty ? nil : (name, i)
        }
    }

    private static func mistake(_ error: YamlError, in text: String) -> YAMLMistake {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let what = (context.map { "\($0.text), " } ?? "") + problem
            let isText = ["cannot start any token", "alias", "anchor"].contains { what.contains($0) }
            let hint = isText ? " Put a text that begins with *, &, @, % or ` in quotes, and indent with spaces." : ""
            return YAMLMistake(line: mark.line, message: "It is not valid YAML: \(what).\(hint)")
        case .reader(let problem, let offset, _, _):
            let line = offset.map { offset in 1 + text.prefix(offset).count { $0.isNewline } }
            return YAMLMistake(line: line, message: "It is not valid YAML: \(problem).")
        case .duplicatedKeysInMapping(let names, let context):
            let list = names.map { "'\($0.prefix(100))'" }.joined(separator: ", ")
            return YAMLMistake(line: context.mark.line, message: "Given twice: \(list). Allowed: once.")
        default:
            return YAMLMistake(line: nil, message: "It can't be read as YAML.")
        }
    }
}

/// Yams refuses a mapping that has a name twice, and says only where it has it first. That one gets a mark that makes it
/// different, and the text is parsed again: so all of them are found, together with everything else that is wrong.
enum RepeatedName {
    /// Of the private use area: no name has it.
    private static let sign: Unicode.Scalar = "\u{F8F1}"

    /// - Returns: the text with a mark before the name; nil if this is another error, or if the name can't be marked.
    static func mark(_ number: Int, _ error: YamlError, in text: String) -> String? {
        guard case .duplicatedKeysInMapping(let names, let context) = error, let name = names.first,
            var place = index(of: context.mark, in: text)
        else { return nil }
        if let quote = text[place...].first, quote == "\"" || quote == "'" { place = text.index(after: place) }
        guard text[place...].hasPrefix(name) else { return nil }
        return String(text[..<place]) + "\(sign)\(number)\(sign)" + String(text[place...])
    }

    /// The name without its mark.
    static func plain(_ name: String) -> String {
        let scalars = name.unicodeScalars
        guard scalars.first == sign, let end = scalars.dropFirst().firstIndex(of: sign) else { return name }
        return String(scalars[scalars.index(after: end)...])
    }

    /// A mark counts lines and Unicode scalars from 1, with the line ends of YAML 1.1.
    private static func index(of mark: Mark, in text: String) -> String.Index? {
        let scalars = text.unicodeScalars
        var (line, index) = (1, scalars.startIndex)
        while line < mark.line {
            guard index < scalars.endIndex else { return nil }
            let scalar = scalars[index]
            index = scalars.index(after: index)
            if scalar == "\r", index < scalars.endIndex, scalars[index] == "\n" { index = scalars.index(after: index) }
            if ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) { line += 1 }
        }
        return scalars.index(index, offsetBy: mark.column - 1, limitedBy: scalars.endIndex)
    }
}
