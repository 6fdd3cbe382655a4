/// A parsed JSON text whose strings remain bytes.
///
/// Foundation's decoders produce Swift strings, which compare by canonical equivalence: the vocabulary's tokens "ή"
/// (U+03AE) and "ή" (U+1F75) would be the same key. Bytes keep them distinct, and are faster to read.
enum JSONValue {
    case null
    case bool(Bool)
    case number(Double)
    case string([UInt8])
    case array([JSONValue])
    case object([(key: [UInt8], value: JSONValue)])

    /// - Throws: `JSONSyntaxError` with the offset of the first byte that does not fit RFC 8259.
    init(parsing text: UnsafeRawBufferPointer) throws(JSONSyntaxError) {
        var reader = JSONReader(text: text)
        self = try reader.document()
    }

    /// The value for a key of an object; nil for other kinds and for a missing key.
    subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        let wanted = Array(key.utf8)
        return members.first { $0.key == wanted }?.value
    }

    var bytes: [UInt8]? { if case .string(let bytes) = self { bytes } else { nil } }
    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    var members: [(key: [UInt8], value: JSONValue)]? { if case .object(let all) = self { all } else { nil } }
    var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    var isNull: Bool { if case .null = self { true } else { false } }

    /// A whole number from 0 to 2⁵³, the range in which a JSON number is exact.
    var count: Int? {
        guard case .number(let number) = self, number >= 0, number <= 9_007_199_254_740_992 else { return nil }
        return Int(exactly: number)
    }
}

/// Where a text stops being JSON.
struct JSONSyntaxError: Error, Equatable {
    /// In bytes from the start.
    var offset: Int
}

private struct JSONReader {
    let text: UnsafeRawBufferPointer
    var offset = 0

    private static let deepest = 64

    mutating func document() throws(JSONSyntaxError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard offset == text.count else { throw JSONSyntaxError(offset: offset) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth < Self.deepest else { throw JSONSyntaxError(offset: offset) }
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        var members: [(key: [UInt8], value: JSONValue)] = []
        offset += 1
        if try peek() == UInt8(ascii: "}") {
            offset += 1
            return .object(members)
        }
        while true {
            guard try peek() == UInt8(ascii: "\"") else { throw JSONSyntaxError(offset: offset) }
            let key = try string()
            guard try peek() == UInt8(ascii: ":") else { throw JSONSyntaxError(offset: offset) }
            offset += 1
            members.append((key, try value(depth: depth + 1)))
            if try !another(until: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        var elements: [JSONValue] = []
        offset += 1
        if try peek() == UInt8(ascii: "]") {
            offset += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try !another(until: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    /// Reads a comma (true) or the closing bracket (false).
    private mutating func another(until close: UInt8) throws(JSONSyntaxError) -> Bool {
        let byte = try peek()
        guard byte == close || byte == UInt8(ascii: ",") else { throw JSONSyntaxError(offset: offset) }
        offset += 1
        return byte != close
    }

    private mutating func string() throws(JSONSyntaxError) -> [UInt8] {
        offset += 1
        let first = offset
        var start = offset
        var result: [UInt8] = []
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: "\""):
                result.append(contentsOf: text[start..<offset])
                try checkUTF8(first..<offset)
                offset += 1
                return result
            case UInt8(ascii: "\\"):
                result.append(contentsOf: text[start..<offset])
                offset += 1
                try escape(into: &result)
                start = offset
            case 0..<0x20:
                throw JSONSyntaxError(offset: offset)
            default:
                offset += 1
            }
        }
        throw JSONSyntaxError(offset: offset)
    }

    private func checkUTF8(_ range: Range<Int>) throws(JSONSyntaxError) {
        let fault: Int? = UnsafeRawBufferPointer(rebasing: text[range]).withMemoryRebound(to: UInt8.self) { bytes in
            do throws(UTF8.ValidationError) {
                _ = try UTF8Span(validating: bytes.span)
                return nil
            } catch {
                return error.byteOffsets.lowerBound
            }
        }
        if let fault { throw JSONSyntaxError(offset: range.lowerBound + fault) }
    }

    private mutating func escape(into result: inout [UInt8]) throws(JSONSyntaxError) {
        guard offset < text.count else { throw JSONSyntaxError(offset: offset) }
        let kind = text[offset]
        offset += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(kind)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if 0xD800..<0xDC00 ~= code {
                guard offset + 1 < text.count, text[offset] == UInt8(ascii: "\\"),
                    text[offset + 1] == UInt8(ascii: "u")
                else { throw JSONSyntaxError(offset: offset) }
                offset += 2
                let low = try hexadecimal()
                guard 0xDC00..<0xE000 ~= low else { throw JSONSyntaxError(offset: offset) }
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw JSONSyntaxError(offset: offset) }
            result.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        default: throw JSONSyntaxError(offset: offset - 1)
        }
    }

    /// Four digits, in upper or lower case, without a sign.
    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard offset < text.count, let digit = Character(Unicode.Scalar(text[offset])).hexDigitValue else {
                throw JSONSyntaxError(offset: offset)
            }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }

    /// `-`? (`0` | `1`–`9` digits) (`.` digits)? (`e` | `E` sign? digits)?, digits being one or more.
    private mutating func number() throws(JSONSyntaxError) -> Double {
        let start = offset
        skip("-")
        if !skip("0") { try digits() }
        if skip(".") { try digits() }
        if skip("eE") {
            skip("+-")
            try digits()
        }
        guard let number = Double(String(decoding: text[start..<offset], as: UTF8.self)) else {
            throw JSONSyntaxError(offset: start)
        }
        return number
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = offset
        while offset < text.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[offset] { offset += 1 }
        guard offset > start else { throw JSONSyntaxError(offset: offset) }
    }

    /// Skips the next byte if it is one of these.
    @discardableResult private mutating func skip(_ bytes: String) -> Bool {
        guard offset < text.count, bytes.utf8.contains(text[offset]) else { return false }
        offset += 1
        return true
    }

    private mutating func word(_ word: StaticString) throws(JSONSyntaxError) {
        let expected = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard text[offset...].starts(with: expected) else { throw JSONSyntaxError(offset: offset) }
        offset += expected.count
    }

    /// The next byte that is not white space.
    private mutating func peek() throws(JSONSyntaxError) -> UInt8 {
        skipSpace()
        guard offset < text.count else { throw JSONSyntaxError(offset: offset) }
        return text[offset]
    }

    private mutating func skipSpace() {
        while offset < text.count {
            switch text[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }
}
