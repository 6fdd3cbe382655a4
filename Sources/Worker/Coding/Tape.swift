/// The values of a JSON text (RFC 8259), one after the other. Nil for a text that is invalid or unusual: `\\u` in a
/// string, an escape in the name of a member, more than 64 levels, more than 64 members in one object.
struct Tape {
    enum Kind { case object, array, string, escapedString, number, yes, no, null }

    struct Token {
        var kind: Kind
        /// The bytes of a string, without its quotes, or of a number.
        var start: Int
        var end: Int
        /// The first token after this value. The members of an object are names and values in turn.
        var next: Int
    }

    private(set) var tokens: [Token] = []
    private let bytes: [UInt8]
    private var at = 0
    private var isASCII = true

    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        tokens.reserveCapacity(16)
        guard value(depth: 0) else { return nil }
        space()
        guard at == bytes.count else { return nil }
        if !isASCII, String(validating: bytes, as: UTF8.self) == nil { return nil }
    }

    /// At the end it is 0, which JSON never has outside strings.
    private var byte: UInt8 { at < bytes.count ? bytes[at] : 0 }

    private mutating func space() {
        while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func take(_ wanted: UInt8) -> Bool {
        guard byte == wanted else { return false }
        at += 1
        return true
    }

    private mutating func value(depth: Int) -> Bool {
        guard depth < 64 else { return false }
        space()
        switch byte {
        case UInt8(ascii: "{"): return members(depth)
        case UInt8(ascii: "["): return elements(depth)
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return word("true", .yes)
        case UInt8(ascii: "f"): return word("false", .no)
        case UInt8(ascii: "n"): return word("null", .null)
        default: return number()
        }
    }

    private mutating func members(_ depth: Int) -> Bool {
        let index = open(.object)
        var count = 0
        if take(UInt8(ascii: "}")) { return close(index) }
        repeat {
            count += 1
            space()
            guard count <= 64, byte == UInt8(ascii: "\""), string(),
                tokens[tokens.count - 1].kind == .string
            else { return false }
            space()
            guard take(UInt8(ascii: ":")), value(depth: depth + 1) else { return false }
            space()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) && close(index)
    }

    private mutating func elements(_ depth: Int) -> Bool {
        let index = open(.array)
        if take(UInt8(ascii: "]")) { return close(index) }
        repeat {
            guard value(depth: depth + 1) else { return false }
            space()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) && close(index)
    }

    private mutating func open(_ kind: Kind) -> Int {
        at += 1
        tokens.append(Token(kind: kind, start: at, end: at, next: 0))
        space()
        return tokens.count - 1
    }

    private mutating func close(_ index: Int) -> Bool {
        tokens[index].next = tokens.count
        return true
    }

    private mutating func add(_ kind: Kind, from start: Int) -> Bool {
        tokens.append(Token(kind: kind, start: start, end: at, next: tokens.count + 1))
        return true
    }

    private mutating func string() -> Bool {
        at += 1
        let start = at
        var kind = Kind.string
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                _ = add(kind, from: start)
                at += 1
                return true
            }
            if byte < 0x20 { return false }
            if byte == UInt8(ascii: "\\") {
                kind = .escapedString
                at += 1
                guard Self.meaning(of: self.byte) != nil else { return false }
            }
            if byte >= 0x80 { isASCII = false }
            at += 1
        }
        return false
    }

    /// The byte that a letter after a backslash represents.
    static func meaning(of letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "\\"): letter
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        default: nil
        }
    }

    private mutating func word(_ text: StaticString, _ kind: Kind) -> Bool {
        let start = at
        let end = at + text.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        let same = text.withUTF8Buffer { $0.elementsEqual(bytes[start..<end]) }
        at = end
        return same && add(kind, from: start)
    }

    private mutating func number() -> Bool {
        let start = at
        _ = take(UInt8(ascii: "-"))
        let first = at
        guard digits() else { return false }
        if bytes[first] == UInt8(ascii: "0"), at > first + 1 { return false }
        if take(UInt8(ascii: ".")), !digits() { return false }
        if byte | 0x20 == UInt8(ascii: "e") {
            at += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { at += 1 }
            guard digits() else { return false }
        }
        return add(.number, from: start)
    }

    private mutating func digits() -> Bool {
        let start = at
        while byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { at += 1 }
        return at > start
    }
}
