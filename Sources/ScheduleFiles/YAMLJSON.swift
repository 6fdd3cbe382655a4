internal import Queue
internal import Yams

/// A value of YAML as JSON. Plain scalars have the types of YAML 1.2's core schema, so `yes` and `2027-01-01` are texts; a
/// quoted scalar is always a text.
enum YAMLJSON {
    /// - Throws: for what JSON does not have: names that are no scalars, tags, infinite numbers, a name that is given
    ///   twice.
    static func bytes(of node: Node) throws(YAMLMistake) -> [UInt8] {
        var out: [UInt8] = []
        try write(node, to: &out)
        return out
    }

    /// The text of a scalar as it is written, as JSON; null for a plain scalar that means it.
    static func text(of node: Node) throws(YAMLMistake) -> [UInt8] {
        guard case .scalar(let scalar) = node else { return try bytes(of: node) }
        if try isPlain(scalar), isNull(scalar.string) { return Array("null".utf8) }
        return JSONText.string(scalar.string)
    }

    /// The text of a name.
    static func name(of node: Node) throws(YAMLMistake) -> String {
        guard case .scalar(let scalar) = node else {
            throw YAMLMistake(line: node.mark?.line, message: "A list or a mapping can't be a name.")
        }
        return RepeatedName.plain(scalar.string)
    }

    private static func write(_ node: Node, to out: inout [UInt8]) throws(YAMLMistake) {
        switch node {
        case .scalar(let scalar):
            out += try isPlain(scalar) ? plain(scalar) : JSONText.string(scalar.string)
        case .sequence(let sequence):
            try refuse(sequence.tag, but: .seq, at: node)
            out.append(UInt8(ascii: "["))
            for (i, element) in sequence.enumerated() {
                if i > 0 { out.append(UInt8(ascii: ",")) }
                try write(element, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .mapping(let mapping):
            try refuse(mapping.tag, but: .map, at: node)
            out.append(UInt8(ascii: "{"))
            var names: Set<String> = []
            for (i, member) in mapping.enumerated() {
                let name = try name(of: member.key)
                guard names.insert(name).inserted else {
                    throw YAMLMistake(
                        line: member.key.mark?.line, message: "The name '\(name.prefix(100))' is given twice.")
                }
                if i > 0 { out.append(UInt8(ascii: ",")) }
                out += JSONText.string(name)
                out.append(UInt8(ascii: ":"))
                try write(member.value, to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .alias:
            throw YAMLMistake(line: node.mark?.line, message: "Aliases are not allowed. Write the value again.")
        }
    }

    private static func refuse(_ tag: Tag, but name: Tag.Name, at node: Node) throws(YAMLMistake) {
        let tag = tag.description
        guard tag.isEmpty || tag == Tag.Name.nonSpecific.rawValue || tag == name.rawValue else {
            throw YAMLMistake(line: node.mark?.line, message: "The tag '\(tag.prefix(100))' is not allowed. Remove it.")
        }
    }

    /// Whether the text may mean something other than itself.
    private static func isPlain(_ scalar: Node.Scalar) throws(YAMLMistake) -> Bool {
        try refuse(scalar.tag, but: .str, at: .scalar(scalar))
        return scalar.style == .plain && scalar.tag.description.isEmpty
    }

    private static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

    private static func plain(_ scalar: Node.Scalar) throws(YAMLMistake) -> [UInt8] {
        let text = scalar.string
        if isNull(text) { return Array("null".utf8) }
        if ["true", "True", "TRUE"].contains(text) { return JSONText.flag(true) }
        if ["false", "False", "FALSE"].contains(text) { return JSONText.flag(false) }
        if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(text.drop { $0 == "-" || $0 == "+" }) {
            throw YAMLMistake(line: scalar.mark?.line, message: "JSON has no number '\(text)'.")
        }
        return number(text).map { Array($0.utf8) } ?? JSONText.string(text)
    }

    /// A number in the form of JSON, with all its digits; nil for any other text.
    private static func number(_ text: String) -> String? {
        for (start, radix) in [("0o", 8), ("0x", 16)] where text.hasPrefix(start) {
            let digits = text.dropFirst(2)
            return digits.first?.isHexDigit == true ? Int(digits, radix: radix).map { "\($0)" } : nil
        }
        var rest = text.utf8[...]
        func take(_ some: String) -> Bool {
            guard let first = rest.first, some.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        func digits() -> String {
            let found = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest[found.endIndex...]
            return String(decoding: found, as: UTF8.self)
        }
        let sign = rest.first == UInt8(ascii: "-") ? "-" : ""
        _ = take("+-")
        let whole = digits()
        let part = take(".") ? digits() : ""
        guard !whole.isEmpty || !part.isEmpty else { return nil }
        var power = ""
        if take("eE") {
            power = rest.first == UInt8(ascii: "-") ? "e-" : "e"
            _ = take("+-")
            let figures = digits()
            guard !figures.isEmpty else { return nil }
            power += figures
        }
        guard rest.isEmpty else { return nil }
        let plain = whole.drop { $0 == "0" }
        return sign + (plain.isEmpty ? "0" : plain) + (part.isEmpty ? "" : "." + part) + power
    }
}
