internal import Foundation
internal import Synchronization

/// Time-ordered unique ids: RFC 9562, section 5.7; within one millisecond by its method 2. The random part increases by
/// a random step, so the ids of one process sort in the order in which they were made, and no id needs a system call.
enum UUIDv7 {
    private struct Last {
        var ms: UInt64 = 0
        var high: UInt64 = 0
        var low: UInt64 = 0
    }
    private static let last = Mutex(Last())

    /// `prefix` and a lower-case id with dashes, 36 characters.
    static func next(after prefix: String) -> String {
        let (first, second) = nextBits()
        let length = prefix.utf8.count
        return String(unsafeUninitializedCapacity: length + 36) { out in
            _ = out.update(fromContentsOf: prefix.utf8)
            write(first, second, to: UnsafeMutableBufferPointer(rebasing: out[length...]))
            return length + 36
        }
    }

    private static func nextBits() -> (UInt64, UInt64) {
        let (ms, high, low) = last.withLock { last in
            let now = UInt64(milliseconds())
            if now > last.ms {
                var random = SystemRandomNumberGenerator()
                last = Last(ms: now, high: random.next() & 0x7FF, low: random.next() & 0x1FFF_FFFF_FFFF_FFFF)
            } else {
                // It starts below 2^61 and grows by at most 2^32 per step, so it can't overflow within a millisecond.
                last.low += 1 + (last.low &* 6_364_136_223_846_793_005 &+ last.ms) >> 32
                if last.low > 0x3FFF_FFFF_FFFF_FFFF {
                    last.low &= 0x1FFF_FFFF_FFFF_FFFF
                    last.high += 1
                }
                if last.high > 0xFFF {
                    last.high = 0
                    last.ms += 1
                }
            }
            return (last.ms, last.high, last.low)
        }
        return (ms << 16 | 0x7000 | high, 0x8000_0000_0000_0000 | low)
    }

    /// Since 1970.
    static func milliseconds() -> Int {
        Int(Date().timeIntervalSince1970 * 1000)
    }

    private static func write(_ first: UInt64, _ second: UInt64, to out: UnsafeMutableBufferPointer<UInt8>) {
        var at = 0
        for shift in stride(from: 120, through: 0, by: -8) {
            let byte = UInt8(truncatingIfNeeded: shift >= 64 ? first >> (shift - 64) : second >> shift)
            out[at] = hex(byte >> 4)
            out[at + 1] = hex(byte & 15)
            at += 2
            if at == 8 || at == 13 || at == 18 || at == 23 {
                out[at] = UInt8(ascii: "-")
                at += 1
            }
        }
    }

    private static func hex(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
