internal import Foundation

/// Writes JSON (RFC 8259) on one line: the keys of an object in the given order, without white space.
package enum JSONText {
    /// A string with its quotes. A `String` can't contain anything that is not a Unicode scalar.
    package static func string(_ text: some StringProtocol) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): out += Array("\\n".utf8)
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                out += Array("\\u00\(digits.count == 1 ? "0" : "")\(digits)".utf8)
            default: out.append(byte)
            }
        }
        return out + [UInt8(ascii: "\"")]
    }

    /// A whole number.
    package static func number(_ number: Int) -> [UInt8] { Array("\(number)".utf8) }

    /// `true` or `false`.
    package static func flag(_ flag: Bool) -> [UInt8] { Array("\(flag)".utf8) }

    /// Any encodable value, with its keys in alphabetical order.
    ///
    /// - Throws: what its `encode(to:)` throws; strings, whole numbers and booleans can always be written.
    package static func value(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// An object whose members' values are JSON already; null for a missing value.
    package static func object(_ members: [(name: String, value: [UInt8]?)]) -> [UInt8] {
        list(members.map { string($0.name) + [UInt8(ascii: ":")] + ($0.value ?? null) }, in: "{", "}")
    }

    /// An array of JSON values.
    package static func array(_ values: [[UInt8]]) -> [UInt8] { list(values, in: "[", "]") }

    /// Stored JSON, on one line; anything else as a string, with U+FFFD for bytes that are not UTF-8.
    package static func stored(_ bytes: [UInt8]) -> [UInt8] {
        guard (try? StrictJSON.check(bytes)) != nil, !hasLoneSurrogate(bytes) else {
            return string(String(decoding: bytes, as: UTF8.self))
        }
        // JSON strings can't contain raw line ends, so any here are between values.
        return bytes.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
    }

    /// Half a surrogate pair is valid in the grammar, but many readers refuse it.
    private static func hasLoneSurrogate(_ json: [UInt8]) -> Bool {
        guard json.contains(UInt8(ascii: "\\")) else { return false }
        return (try? JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed)) == nil
    }

    private static let null = Array("null".utf8)

    private static func list(_ parts: [[UInt8]], in open: String, _ close: String) -> [UInt8] {
        Array(open.utf8) + parts.joined(separator: [UInt8(ascii: ",")]) + Array(close.utf8)
    }
}
