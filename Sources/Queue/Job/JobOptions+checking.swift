internal import Foundation

extension JobOptions {
    static let longest = Duration.seconds(10 * 365 * 86_400)

    func validate() throws(QueueError) {
        if let maxAttempts, !(1...1000).contains(maxAttempts) {
            throw .field(.invalid, "maxAttempts", found: "\(maxAttempts)", allowed: "1 to 1000")
        }
        if let timeout, !(Duration.milliseconds(1)...Duration.seconds(30 * 86_400)).contains(timeout) {
            throw .field(.invalid, "timeoutSeconds", found: Self.seconds(timeout), allowed: "0.001 to 2592000")
        }
        for (start, after, at) in [(start, "delaySeconds", "runAt"), (expiry, "expiresSeconds", "expiresAt")] {
            switch start {
            case .after(let delay) where !(Duration.zero...Self.longest).contains(delay):
                throw .field(.wrongValue, after, found: Self.seconds(delay), allowed: "0 to 315360000")
            case .at(let date) where !(0...4_102_444_800).contains(date.timeIntervalSince1970):
                // Foundation can't format every date that it can hold.
                throw .field(
                    .invalid, at, found: "\(date.timeIntervalSince1970) seconds since 1970",
                    allowed: "a time from 1970 to 2100")
            default: break
            }
        }
        if let tenant, !(1...128).contains(tenant.utf8.count) {
            throw .field(.invalid, "tenant", found: "\(tenant.utf8.count) bytes", allowed: "1 to 128 bytes")
        }
        if let traceparent, !Self.isTraceparent(traceparent) {
            throw .field(
                .invalid, "traceparent", found: traceparent,
                allowed: "00-<32 hex digits>-<16>-<2>, in lower case, as W3C Trace Context has it")
        }
        try LimitUse.validate(limits)
        try sequence?.validate()
        try collect?.validate(with: self)
        try debounce?.validate(with: self)
        guard let key else { return }
        guard (1...256).contains(key.name.utf8.count) else {
            throw .field(.invalid, "key", found: "\(key.name.utf8.count) bytes", allowed: "1 to 256 bytes")
        }
        guard !key.states.contains(.unknown) else {
            throw .invalid("An idempotency key can't be held in the state 'unknown': no job is ever in it.")
        }
        if let period = key.period, !(Duration.milliseconds(1)...Self.longest).contains(period) {
            throw .invalid("The period of an idempotency key is \(period). Allowed: 1 ms to ten years.")
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        String(Double(duration.milliseconds) / 1000)
    }

    /// W3C Trace Context, section 3.2: `<2 hex>-<32 hex>-<16 hex>-<2 hex>` in lower case.
    public static func isTraceparent(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [2, 32, 16, 2]
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
