internal import Crypto

/// Ids that are the same whenever the same thing is named, as UUIDs (some vector stores accept nothing else).
enum StableID {
    /// The first 128 bits of SHA-256 over the parts, each preceded by its length, marked as UUID version 8 (RFC 9562,
    /// section 5.8: made by an application's own rule).
    static func uuid(of parts: String...) -> String {
        var hash = SHA256()
        for part in parts {
            let bytes = Array(part.utf8)
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: bytes)
        }
        var digits = Array(hash.finalize().prefix(16))
        digits[6] = digits[6] & 0x0F | 0x80
        digits[8] = digits[8] & 0x3F | 0x80
        let text = digits.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let borders = [0, 8, 12, 16, 20, 32]
        return zip(borders, borders.dropFirst())
            .map { String(text.dropFirst($0).prefix($1 - $0)) }.joined(separator: "-")
    }
}
