internal import Queue

/// State that the decoders of one text share.
final class DirectReader {
    let bytes: [UInt8]
    let tokens: [Tape.Token]
    /// Foundation must decide, even if somebody caught the error.
    private(set) var doubt = false

    init(_ bytes: [UInt8], _ tokens: [Tape.Token]) {
        self.bytes = bytes
        self.tokens = tokens
    }

    func fail() -> DirectJSON.Doubt {
        doubt = true
        return DirectJSON.Doubt()
    }

    /// Where an error would be; only Foundation tracks it.
    var path: [any CodingKey] {
        doubt = true
        return []
    }

    func value<T: Decodable>(_ type: T.Type, at index: Int) throws -> T {
        if DirectJSON.isSpecial(type) { throw fail() }
        do {
            return try T(from: DirectDecoder(reader: self, index: index))
        } catch {
            throw fail()
        }
    }

    func isNull(_ index: Int) -> Bool { tokens[index].kind == .null }

    func bool(_ index: Int) throws -> Bool {
        switch tokens[index].kind {
        case .yes: return true
        case .no: return false
        default: throw fail()
        }
    }

    func string(_ index: Int) throws -> String {
        let token = tokens[index]
        let raw = bytes[token.start..<token.end]
        if token.kind == .string { return String(decoding: raw, as: UTF8.self) }
        guard token.kind == .escapedString else { throw fail() }
        var text: [UInt8] = []
        text.reserveCapacity(raw.count)
        var escaped = false
        for byte in raw {
            if escaped {
                text.append(Tape.meaning(of: byte) ?? byte)
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A number without fraction or exponent, with at most 18 digits.
    func integer<T: FixedWidthInteger>(_ index: Int) throws -> T {
        let token = tokens[index]
        guard token.kind == .number, let value = plain(token), let exact = T(exactly: value) else { throw fail() }
        return exact
    }

    func double(_ index: Int) throws -> Double {
        let token = tokens[index]
        guard token.kind == .number else { throw fail() }
        if let value = plain(token), value != 0, let exact = Double(exactly: value) { return exact }
        guard let value = Double(String(decoding: bytes[token.start..<token.end], as: UTF8.self)), value.isFinite else {
            throw fail()
        }
        return value
    }

    private func plain(_ token: Tape.Token) -> Int? {
        let isNegative = bytes[token.start] == UInt8(ascii: "-")
        let digits = bytes[(isNegative ? token.start + 1 : token.start)..<token.end]
        return DecimalText.number(digits).map { isNegative ? -$0 : $0 }
    }

    /// The value of a member; nil if there is none.
    func member(_ name: String, of object: Int) throws -> Int? {
        var name = name
        let found = name.withUTF8 { name -> (index: Int?, twice: Bool) in
            var found: Int?
            var index = object + 1
            while index < tokens[object].next {
                let key = tokens[index]
                if key.end - key.start == name.count, name.elementsEqual(bytes[key.start..<key.end]) {
                    if found != nil { return (nil, true) }
                    found = index + 1
                }
                index = tokens[index + 1].next
            }
            return (found, false)
        }
        if found.twice { throw fail() }
        return found.index
    }
}

/// Reads one value of a text.
struct DirectDecoder: Decoder {
    let reader: DirectReader
    let index: Int

    var codingPath: [any CodingKey] { reader.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard reader.tokens[index].kind == .object else { throw reader.fail() }
        return KeyedDecodingContainer(Members<Key>(reader: reader, object: index))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard reader.tokens[index].kind == .array else { throw reader.fail() }
        return Elements(reader: reader, array: index)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(reader: reader, index: index) }

    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let reader: DirectReader
        let object: Int

        var codingPath: [any CodingKey] { reader.path }

        var allKeys: [Key] {
            var keys: [Key] = []
            var index = object + 1
            while index < reader.tokens[object].next {
                if let name = try? reader.string(index), let key = Key(stringValue: name) { keys.append(key) }
                index = reader.tokens[index + 1].next
            }
            return keys
        }

        private func at(_ key: Key) throws -> Int {
            guard let index = try reader.member(key.stringValue, of: object) else { throw reader.fail() }
            return index
        }

        func contains(_ key: Key) -> Bool { (try? reader.member(key.stringValue, of: object)) != nil }
        func decodeNil(forKey key: Key) throws -> Bool { reader.isNull(try at(key)) }
        func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try reader.bool(at(key)) }
        func decode(_ type: String.Type, forKey key: Key) throws -> String { try reader.string(at(key)) }
        func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try reader.double(at(key)) }
        func decode(_ type: Float.Type, forKey key: Key) throws -> Float { throw reader.fail() }
        func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try reader.integer(at(key)) }
        func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try reader.integer(at(key)) }
        func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try reader.integer(at(key)) }
        func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try reader.integer(at(key)) }
        func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try reader.integer(at(key)) }
        func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try reader.integer(at(key)) }
        func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try reader.integer(at(key)) }
        func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try reader.integer(at(key)) }
        func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try reader.integer(at(key)) }
        func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try reader.integer(at(key)) }
        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try reader.value(type, at: at(key)) }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw reader.fail() }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw reader.fail() }
        func superDecoder() throws -> any Decoder { throw reader.fail() }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw reader.fail() }
    }

    private struct Elements: UnkeyedDecodingContainer {
        let reader: DirectReader
        let array: Int
        private var next: Int
        private(set) var currentIndex = 0

        init(reader: DirectReader, array: Int) {
            self.reader = reader
            self.array = array
            next = array + 1
        }

        var codingPath: [any CodingKey] { reader.path }
        var count: Int? {
            var (count, index) = (0, array + 1)
            while index < reader.tokens[array].next {
                count += 1
                index = reader.tokens[index].next
            }
            return count
        }
        var isAtEnd: Bool { next >= reader.tokens[array].next }

        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd else { throw reader.fail() }
            guard reader.isNull(next) else { return false }
            next += 1
            currentIndex += 1
            return true
        }

        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
            guard !isAtEnd else { throw reader.fail() }
            let value = try reader.value(type, at: next)
            next = reader.tokens[next].next
            currentIndex += 1
            return value
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> { throw reader.fail() }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw reader.fail() }
        mutating func superDecoder() throws -> any Decoder { throw reader.fail() }
    }

    private struct Single: SingleValueDecodingContainer {
        let reader: DirectReader
        let index: Int

        var codingPath: [any CodingKey] { reader.path }
        func decodeNil() -> Bool { reader.isNull(index) }
        func decode(_ type: Bool.Type) throws -> Bool { try reader.bool(index) }
        func decode(_ type: String.Type) throws -> String { try reader.string(index) }
        func decode(_ type: Double.Type) throws -> Double { try reader.double(index) }
        func decode(_ type: Float.Type) throws -> Float { throw reader.fail() }
        func decode(_ type: Int.Type) throws -> Int { try reader.integer(index) }
        func decode(_ type: Int8.Type) throws -> Int8 { try reader.integer(index) }
        func decode(_ type: Int16.Type) throws -> Int16 { try reader.integer(index) }
        func decode(_ type: Int32.Type) throws -> Int32 { try reader.integer(index) }
        func decode(_ type: Int64.Type) throws -> Int64 { try reader.integer(index) }
        func decode(_ type: UInt.Type) throws -> UInt { try reader.integer(index) }
        func decode(_ type: UInt8.Type) throws -> UInt8 { try reader.integer(index) }
        func decode(_ type: UInt16.Type) throws -> UInt16 { try reader.integer(index) }
        func decode(_ type: UInt32.Type) throws -> UInt32 { try reader.integer(index) }
        func decode(_ type: UInt64.Type) throws -> UInt64 { try reader.integer(index) }
        func decode<T: Decodable>(_ type: T.Type) throws -> T { try reader.value(type, at: index) }
    }
}
