/// State that the encoders of one text share.
final class DirectWriter {
    private enum Kind { case none, object, array, single }

    /// A value that is being written.
    private struct Frame {
        var kind = Kind.none
        var count = 0
        /// The index in `keys` of its first key.
        var firstKey: Int
    }

    // Without run-time checks of exclusive access, which took a tenth of the time: a writer belongs to one call of
    // `DirectJSON.encode`, and no access to these four lasts while code of the value runs.
    @exclusivity(unchecked) private(set) var out: [UInt8] = []
    /// Foundation must decide, even if somebody caught the error.
    @exclusivity(unchecked) private(set) var doubt = false
    @exclusivity(unchecked) private var frames: [Frame] = []
    /// Hashes of the keys of all open objects: in Foundation, a repeated key replaces the earlier value.
    @exclusivity(unchecked) private var keys: [Int] = []

    init() { out.reserveCapacity(256) }

    func fail() -> DirectJSON.Doubt {
        doubt = true
        return DirectJSON.Doubt()
    }

    /// Where an error would be; only Foundation tracks it.
    var path: [any CodingKey] {
        doubt = true
        return []
    }

    func append<T: Encodable>(_ value: T) throws {
        if DirectJSON.isSpecial(T.self) || frames.count >= 64 { throw fail() }
        frames.append(Frame(firstKey: keys.count))
        do {
            try value.encode(to: DirectEncoder(writer: self, depth: frames.count - 1))
        } catch {
            throw fail()
        }
        guard let frame = frames.popLast() else { throw fail() }
        switch frame.kind {
        case .none: throw fail()
        case .single: if frame.count != 1 { throw fail() }
        case .object: out.append(UInt8(ascii: "}"))
        case .array: out.append(UInt8(ascii: "]"))
        }
        keys.removeLast(keys.count - frame.firstKey)
    }

    /// Begins the only container that a value can have here; with more than one, Foundation decides.
    fileprivate func begin(_ kind: DirectEncoder.Container, at depth: Int) {
        guard depth == frames.count - 1, frames[depth].kind == .none else {
            doubt = true
            return
        }
        switch kind {
        case .object:
            frames[depth].kind = .object
            out.append(UInt8(ascii: "{"))
        case .array:
            frames[depth].kind = .array
            out.append(UInt8(ascii: "["))
        case .single: frames[depth].kind = .single
        }
    }

    /// Writes what precedes each value of a container: the comma and the key.
    fileprivate func next(_ key: String? = nil, at depth: Int) throws {
        guard depth == frames.count - 1, !doubt else { throw fail() }
        if let key {
            let hash = key.hashValue
            let frame = frames[depth]
            guard frame.count < 64, !keys[frame.firstKey...].contains(hash) else { throw fail() }
            keys.append(hash)
        }
        if frames[depth].count > 0 {
            guard frames[depth].kind != .single else { throw fail() }
            out.append(UInt8(ascii: ","))
        }
        frames[depth].count += 1
        if let key {
            append(key)
            out.append(UInt8(ascii: ":"))
        }
    }

    fileprivate func count(at depth: Int) -> Int { depth < frames.count ? frames[depth].count : 0 }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { text in
            out.append(UInt8(ascii: "\""))
            if text.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
                doubt = true
            }
            out.append(contentsOf: text)
            out.append(UInt8(ascii: "\""))
        }
    }

    func append(_ value: Bool) { out.append(contentsOf: value ? Self.yes : Self.no) }
    func appendNull() { out.append(contentsOf: Self.null) }

    func append(_ value: some FixedWidthInteger) {
        if value >= 0, value < 10 {
            out.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            out.append(contentsOf: value.description.utf8)
        }
    }

    func append(_ value: Double) throws {
        guard value.isFinite else { throw fail() }
        let text = value.description
        out.append(contentsOf: text.hasSuffix(".0") ? text.dropLast(2).utf8 : text[...].utf8)
    }

    private static let yes = Array("true".utf8)
    private static let no = Array("false".utf8)
    private static let null = Array("null".utf8)
}

/// Writes one value.
struct DirectEncoder: Encoder {
    enum Container { case object, array, single }

    let writer: DirectWriter
    let depth: Int

    var codingPath: [any CodingKey] { writer.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        writer.begin(.object, at: depth)
        return KeyedEncodingContainer(Members<Key>(writer: writer, depth: depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        writer.begin(.array, at: depth)
        return Elements(writer: writer, depth: depth)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        writer.begin(.single, at: depth)
        return Single(writer: writer, depth: depth)
    }

    private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let writer: DirectWriter
        let depth: Int

        var codingPath: [any CodingKey] { writer.path }

        private func integer(_ value: some FixedWidthInteger, _ key: Key) throws {
            try writer.next(key.stringValue, at: depth)
            writer.append(value)
        }

        mutating func encodeNil(forKey key: Key) throws {
            try writer.next(key.stringValue, at: depth)
            writer.appendNull()
        }
        mutating func encode(_ value: Bool, forKey key: Key) throws {
            try writer.next(key.stringValue, at: depth)
            writer.append(value)
        }
        mutating func encode(_ value: String, forKey key: Key) throws {
            try writer.next(key.stringValue, at: depth)
            writer.append(value)
        }
        mutating func encode(_ value: Double, forKey key: Key) throws {
            try writer.next(key.stringValue, at: depth)
            try writer.append(value)
        }
        mutating func encode(_ value: Float, forKey key: Key) throws { throw writer.fail() }
        mutating func encode(_ value: Int, forKey key: Key) throws { try integer(value, key) }
        mutating func encode(_ value: Int8, forKey key: Key) throws { try integer(value, key) }
        mutating func encode(_ value: Int16, forKey key: Key) throws { try integer(value, key) }
        mutating func encode(_ value: Int32, forKey key: Key) throws { try integer(value, key) }
        mutating func encode(_ value: Int64, forKey key: Key) throws { try integer(value, key) }
        mutating func encode(_ value: UInt, forKey key: Key) throws { try integer(value, key) }
        mutating func encode(_ value: UInt8, forKey key: Key) throws { try integer(value, key) }
        mutating func encode(_ value: UInt16, forKey key: Key) throws { try integer(value, key) }
        mutating func encode(_ value: UInt32, forKey key: Key) throws { try integer(value, key) }
        mutating func encode(_ value: UInt64, forKey key: Key) throws { try integer(value, key) }
        mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
            try writer.next(key.stringValue, at: depth)
            try writer.append(value)
        }

        // What these write is dropped: Foundation decides.
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> { DirectEncoder.refused(writer).container(keyedBy: type) }
        mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            DirectEncoder.refused(writer).unkeyedContainer()
        }
        mutating func superEncoder() -> any Encoder { DirectEncoder.refused(writer) }
        mutating func superEncoder(forKey key: Key) -> any Encoder { DirectEncoder.refused(writer) }
    }

    private struct Elements: UnkeyedEncodingContainer {
        let writer: DirectWriter
        let depth: Int

        var codingPath: [any CodingKey] { writer.path }
        var count: Int { writer.count(at: depth) }

        mutating func encodeNil() throws {
            try writer.next(at: depth)
            writer.appendNull()
        }
        mutating func encode<T: Encodable>(_ value: T) throws {
            try writer.next(at: depth)
            try writer.append(value)
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) -> KeyedEncodingContainer<Nested> { DirectEncoder.refused(writer).container(keyedBy: type) }
        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            DirectEncoder.refused(writer).unkeyedContainer()
        }
        mutating func superEncoder() -> any Encoder { DirectEncoder.refused(writer) }
    }

    private struct Single: SingleValueEncodingContainer {
        let writer: DirectWriter
        let depth: Int

        var codingPath: [any CodingKey] { writer.path }

        private func integer(_ value: some FixedWidthInteger) throws {
            try writer.next(at: depth)
            writer.append(value)
        }

        mutating func encodeNil() throws {
            try writer.next(at: depth)
            writer.appendNull()
        }
        mutating func encode(_ value: Bool) throws {
            try writer.next(at: depth)
            writer.append(value)
        }
        mutating func encode(_ value: String) throws {
            try writer.next(at: depth)
            writer.append(value)
        }
        mutating func encode(_ value: Double) throws {
            try writer.next(at: depth)
            try writer.append(value)
        }
        mutating func encode(_ value: Float) throws { throw writer.fail() }
        mutating func encode(_ value: Int) throws { try integer(value) }
        mutating func encode(_ value: Int8) throws { try integer(value) }
        mutating func encode(_ value: Int16) throws { try integer(value) }
        mutating func encode(_ value: Int32) throws { try integer(value) }
        mutating func encode(_ value: Int64) throws { try integer(value) }
        mutating func encode(_ value: UInt) throws { try integer(value) }
        mutating func encode(_ value: UInt8) throws { try integer(value) }
        mutating func encode(_ value: UInt16) throws { try integer(value) }
        mutating func encode(_ value: UInt32) throws { try integer(value) }
        mutating func encode(_ value: UInt64) throws { try integer(value) }
        mutating func encode<T: Encodable>(_ value: T) throws {
            try writer.next(at: depth)
            try writer.append(value)
        }
    }

    /// Records the doubt and returns a depth that is never open, so that nothing is written.
    private static func refused(_ writer: DirectWriter) -> DirectEncoder {
        _ = writer.fail()
        return DirectEncoder(writer: writer, depth: .max)
    }
}
