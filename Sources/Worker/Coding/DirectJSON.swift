internal import Foundation

/// JSON of typed jobs: arguments into a `Decodable`, an `Encodable` into a result.
///
/// Foundation's coders take about 10 µs for a small job, more than everything else. So common types are coded directly
/// (`DirectDecoder`, `DirectEncoder`) in a tenth of that time. The direct coders accept only what they can handle
/// exactly like Foundation. In all other cases, and on every error or doubt, Foundation decides, and its result or
/// error is used.
enum DirectJSON {
    /// - Throws: as `JSONDecoder`.
    static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        if let tape = Tape(bytes) {
            let reader = DirectReader(bytes, tape.tokens)
            if let value = try? reader.value(type, at: 0), !reader.doubt { return value }
        }
        return try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// - Throws: as `JSONEncoder`.
    static func encode<T: Encodable>(_ value: T) throws -> [UInt8] {
        let writer = DirectWriter()
        if (try? writer.append(value)) != nil, !writer.doubt { return writer.out }
        return Array(try JSONEncoder().encode(value))
    }

    /// Foundation's coders have a special format for these types.
    static func isSpecial(_ type: (some Any).Type) -> Bool {
        type == Data.self || type == URL.self || type == Decimal.self
    }

    /// The direct coder gives up here; Foundation decides.
    struct Doubt: Error {}
}
