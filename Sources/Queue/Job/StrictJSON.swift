/// Checks whether bytes are JSON as in RFC 8259: one value in UTF-8, without repairs. Foundation's parser accepts more:
/// trailing commas, other encodings, numbers such as `01`.
///
/// Lone surrogates such as `"\ud800"` are valid in the grammar and accepted; so are repeated names in an object.
public enum StrictJSON {
    /// The maximum nesting of arrays and objects. Printed values have some more levels around them, and common readers
    /// stop at 512.
    public static let depthLimit = 500

    /// Why bytes are not JSON.
    public struct Violation: Error, Equatable, CustomStringConvertible {
        /// The offset of the byte, from 0; the number of bytes if the text ends too early.
        public let offset: Int
        /// What is wrong there.
        public let reason: String

        public var description: String { "\(reason) at byte \(offset)" }
    }

    /// - Throws: `Violation` for the first byte that is wrong.
    public static func check(_ bytes: [UInt8]) throws(Violation) {
        try check(bytes, around: 0)
    }

    /// - Parameter levels: around the value; they do not count.
    private static func check(_ bytes: [UInt8], around levels: Int) throws(Violation) {
        var scanner = StrictJSONScanner(bytes)
        try scanner.begin()
        try scanner.value(depth: -levels)
        try scanner.end()
    }

    /// The text of a valid JSON string; nil for half a surrogate pair, which no text can contain.
    static func text(_ quoted: [UInt8]) -> String? { StrictJSONScanner.text(quoted[...]) }

    /// The members of a JSON object, each value as its original bytes.
    ///
    /// - Returns: names and values in their order; nil if the value is not an object.
    /// - Throws: `Violation` if the bytes are not JSON.
    package static func members(_ bytes: [UInt8]) throws(Violation) -> [(name: String, value: [UInt8])]? {
        // Each value may be nested as deeply as a separate one.
        try check(bytes, around: 1)
        var scanner = StrictJSONScanner(bytes)
        return try scanner.members()
    }
}

/// One pass over the bytes, with a recursion of at most `StrictJSON.depthLimit`.
private struct StrictJSONScanner {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private func fail(_ reason: String) -> StrictJSON.Violation {
        StrictJSON.Violation(offset: at, reason: at < bytes.count ? reason : "it ends too early")
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    /// Names the most likely encodings other than UTF-8.
    func begin() throws(StrictJSON.Violation) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw fail("a byte order mark") }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(4).contains(0) {
            throw fail("it is not UTF-8 but looks like UTF-16 or UTF-32,")
        }
    }

    mutating func end() throws(StrictJSON.Violation) {
        skipSpace()
        if at < bytes.count { throw fail("more after the value") }
    }

    mutating func value(depth: Int) throws(StrictJSON.Violation) {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"):
            try enter(depth)
            try list(closing: UInt8(ascii: "}")) { scanner throws(StrictJSON.Violation) in
                scanner.skipSpace()
                try scanner.string()
                scanner.skipSpace()
                guard scanner.take(UInt8(ascii: ":")) else { throw scanner.fail("no ':' after a name") }
                try scanner.value(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            try enter(depth)
            try list(closing: UInt8(ascii: "]")) { scanner throws(StrictJSON.Violation) in
                try scanner.value(depth: depth + 1)
            }
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func enter(_ depth: Int) throws(StrictJSON.Violation) {
        guard depth < StrictJSON.depthLimit else { throw fail("more than \(StrictJSON.depthLimit) levels") }
        at += 1
    }

    private mutating func list(
        closing: UInt8, _ element: (inout Self) throws(StrictJSON.Violation) -> Void
    ) throws(StrictJSON.Violation) {
        skipSpace()
        if take(closing) { return }
        repeat {
            try element(&self)
            skipSpace()
            if take(closing) { return }
        } while take(UInt8(ascii: ","))
        throw fail("neither ',' nor the end of a list")
    }

    private mutating func word(_ word: StaticString) throws(StrictJSON.Violation) {
        for i in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[i]) else { throw fail("no value") }
        }
    }

    private mutating func digits() throws(StrictJSON.Violation) {
        guard let first = next, (0x30...0x39).contains(first) else { throw fail("no value") }
        while let digit = next, (0x30...0x39).contains(digit) { at += 1 }
    }

    private mutating func number() throws(StrictJSON.Violation) {
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if let digit = next, (0x30...0x39).contains(digit) { throw fail("a number that begins with 0") }
        } else {
            try digits()
        }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
    }

    private mutating func string() throws(StrictJSON.Violation) {
        guard take(UInt8(ascii: "\"")) else { throw fail("no name in quotes") }
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw fail("a control character in a string")
            case 0x20..<0x80: at += 1
            default: try scalar(byte)
            }
        }
        throw fail("it ends too early")
    }

    private mutating func escape() throws(StrictJSON.Violation) {
        at += 1
        switch next {
        case UInt8(ascii: "u"):
            at += 1
            for _ in 0..<4 {
                guard let digit = next, Character(Unicode.Scalar(digit)).isHexDigit, digit < 0x80 else {
                    throw fail("no four digits after \\u")
                }
                at += 1
            }
        case .some(let byte) where "\"\\/bfnrt".utf8.contains(byte): at += 1
        default: throw fail("not a JSON escape")
        }
    }

    /// One scalar of more than one byte: well-formed UTF-8, Unicode 15, table 3-7.
    private mutating func scalar(_ first: UInt8) throws(StrictJSON.Violation) {
        let second: ClosedRange<UInt8>
        let length: Int
        switch first {
        case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
        case 0xE0: (second, length) = (0xA0...0xBF, 3)
        case 0xED: (second, length) = (0x80...0x9F, 3)
        case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
        case 0xF0: (second, length) = (0x90...0xBF, 4)
        case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
        case 0xF4: (second, length) = (0x80...0x8F, 4)
        default: throw fail("it is not UTF-8")
        }
        for i in 1..<length {
            let allowed = i == 1 ? second : 0x80...0xBF
            guard at + i < bytes.count, allowed.contains(bytes[at + i]) else { throw fail("it is not UTF-8") }
        }
        at += length
    }

    /// For valid JSON.
    mutating func members() throws(StrictJSON.Violation) -> [(name: String, value: [UInt8])]? {
        skipSpace()
        guard take(UInt8(ascii: "{")) else { return nil }
        var found: [(name: String, value: [UInt8])] = []
        try list(closing: UInt8(ascii: "}")) { scanner throws(StrictJSON.Violation) in
            scanner.skipSpace()
            let start = scanner.at
            try scanner.string()
            let name = scanner.bytes[start..<scanner.at]
            scanner.skipSpace()
            _ = scanner.take(UInt8(ascii: ":"))
            scanner.skipSpace()
            let value = scanner.at
            try scanner.value(depth: 0)
            found.append(
                (Self.text(name) ?? String(decoding: name, as: UTF8.self), Array(scanner.bytes[value..<scanner.at])))
        }
        return found
    }

    /// The text of a valid JSON string.
    static func text(_ quoted: ArraySlice<UInt8>) -> String? {
        var out: [UInt16] = []
        var rest = String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self).utf16.makeIterator()
        while let unit = rest.next() {
            guard unit == UInt16(UInt8(ascii: "\\")), let kind = rest.next() else {
                out.append(unit)
                continue
            }
            switch UInt8(truncatingIfNeeded: kind) {
            case UInt8(ascii: "b"): out.append(8)
            case UInt8(ascii: "f"): out.append(12)
            case UInt8(ascii: "n"): out.append(10)
            case UInt8(ascii: "r"): out.append(13)
            case UInt8(ascii: "t"): out.append(9)
            case UInt8(ascii: "u"):
                let digits = String(decoding: (0..<4).compactMap { _ in rest.next() }, as: UTF16.self)
                out.append(UInt16(digits, radix: 16) ?? 0xFFFD)
            default: out.append(kind)
            }
        }
        return String(validating: out, as: UTF16.self)
    }
}
