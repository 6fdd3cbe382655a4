/// One reply from Redis.
public enum RedisReply: Sendable, Equatable {
    /// The null bulk string or the null array: there is no value.
    case null
    /// A signed 64-bit number.
    case integer(Int)
    /// A bulk string, or a status such as `OK`.
    case bytes([UInt8])
    /// Elements of any kind, including arrays and errors.
    case array([RedisReply])
    /// An error reply as Redis sent it, code first: `WRONGTYPE Operation against a key…`.
    case error(String)
}

extension RedisReply {
    /// The text of a string or status, nil for every other reply; bytes that are not UTF-8 are replaced by U+FFFD.
    public var string: String? {
        guard case .bytes(let bytes) = self else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The number of an integer reply, or of a string that is exactly a decimal number; otherwise nil.
    public var int: Int? {
        switch self {
        case .integer(let number): number
        case .bytes(let bytes): Int(decimal: bytes)
        default: nil
        }
    }

    /// The elements of an array reply, nil for every other reply.
    public var array: [RedisReply]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}

extension Int {
    /// The value of ASCII digits with an optional leading minus sign; nil for anything else or outside 64 bits.
    init?(decimal digits: [UInt8]) {
        let negative = digits.first == UInt8(ascii: "-")
        guard digits.count > (negative ? 1 : 0) else { return nil }
        var value = 0
        for digit in digits.dropFirst(negative ? 1 : 0) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (tens, tooBig) = value.multipliedReportingOverflow(by: 10)
            let (next, tooFar) = tens.subtractingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            guard !tooBig, !tooFar else { return nil }
            value = next  // computed as a negative: the smallest Int has no positive counterpart
        }
        guard negative || value != .min else { return nil }
        self = negative ? value : -value
    }
}
