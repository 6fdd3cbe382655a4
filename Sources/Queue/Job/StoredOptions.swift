internal import Foundation

/// The options of a job as stored in its body; times in ms. Scripts read the three options of the key, and `debounce`.
struct StoredOptions: Sendable, Codable, Equatable {
    var maxAttempts: Int?
    var timeout: Int?
    var key: String?
    var keyStates: String?
    var keyPeriod: Int?
    /// The digest of the original arguments, for a job with a key.
    var digest: String?
    /// The type and its debounce key: `<type>:<key>`.
    var debounce: String?
    var tenant: String?
    var traceparent: String?

    static let none = StoredOptions()
}

/// What enqueue_with_rules.lua must do beyond storing the job.
struct EnqueueRules: Encodable {
    var due: Int?
    var delay: Int?
    var expiresAt: Int?
    var ttl: Int?
    var key: String?
    var keyPeriod: Int?
    var debounce: String?
    var maxWait: Int?
    /// Keys in the form in which Redis has them, and their costs.
    var limits: [StoredLimit]?
    /// The key in the form in which Redis has it, and what follows when the job dies.
    var sequence: [String]?
    var collect: StoredCollect?
    var tenant: String?
}

/// `[key, cost]`
struct StoredLimit: Encodable {
    var key: String
    var cost: Int

    init(_ use: LimitUse) {
        key = use.storedKey
        cost = use.cost
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(key)
        try container.encode(cost)
    }
}

/// `[+<type>:<key>, upTo, within]`; types never share a call.
struct StoredCollect: Encodable {
    var key: String
    var upTo: Int
    var within: Int

    init(_ collect: Collect, of type: String) {
        key = "+\(type):\(collect.storedKey)"
        upTo = collect.upTo
        within = collect.within.milliseconds
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(key)
        try container.encode(upTo)
        try container.encode(within)
    }
}

extension JobOptions {
    /// The options in the form in which they are stored.
    var stored: StoredOptions {
        if self == .plain { return .none }
        return StoredOptions(
            maxAttempts: maxAttempts, timeout: timeout?.milliseconds, key: key?.storedName,
            keyStates: key?.states.map(\.rawValue).sorted().joined(separator: " "),
            keyPeriod: key?.period?.milliseconds, tenant: tenant, traceparent: traceparent)
    }
}

extension IdempotencyKey {
    /// The name in a form from which any client can make a Redis key: bytes outside `A-Z a-z 0-9 . _ : -` become `%XX`.
    var storedName: String { KeyText.stored(name) }
}

/// Names of keys that users choose.
enum KeyText {
    /// In a form from which any client can make a Redis key: bytes outside `A-Z a-z 0-9 . _ : -` become `%XX`.
    static func stored(_ name: String) -> String {
        var out = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
                UInt8(ascii: "-"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return out
    }

    /// The name that was stored in this form.
    static func name(_ stored: String) -> String { stored.removingPercentEncoding ?? stored }
}
