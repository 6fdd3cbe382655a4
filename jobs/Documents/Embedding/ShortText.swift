/// A text of at most 15 bytes, stored inline: its bytes padded with zeros, its length in the last byte.
///
/// Two comparisons of machine words replace a string comparison, and looking a word up allocates nothing.
struct ShortText: Hashable {
    static let longest = 15

    let low: UInt64
    let high: UInt64

    /// - Parameter bytes: 1 to 15 bytes, followed by at least 16 readable bytes of any content.
    @inline(__always)
    init(at bytes: UnsafeRawPointer, count: Int) {
        let low = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        let length = UInt64(truncatingIfNeeded: count) &<< 56
        if count < 8 {
            self.low = low & ((1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1)
            self.high = length
        } else {
            self.low = low
            self.high = (high & ((1 &<< UInt64(truncatingIfNeeded: (count &- 8) &* 8)) &- 1)) | length
        }
    }

    /// Nil for an empty text or more than 15 bytes.
    init?(_ bytes: some Collection<UInt8>) {
        guard 1...Self.longest ~= bytes.count else { return nil }
        let padded = Array(bytes) + [UInt8](repeating: 0, count: 16)
        self = padded.withUnsafeBytes { buffer in
            buffer.baseAddress.map { ShortText(at: $0, count: bytes.count) } ?? ShortText(low: 0, high: 0)
        }
    }

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Multiply and fold, after wyhash: the high half of a product depends on every bit of both factors.
    @inline(__always)
    var slot: UInt64 {
        let product = (low ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: high ^ 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}
