/// A job's wait for a signal.
package struct SignalWait: Sendable, Equatable {
    /// 1 to 128 bytes.
    package let name: String
    /// How long it waits from its first wait on, 0 to ten years.
    package let timeout: Duration
    /// How long before its first wait a signal may have been sent, 0 to 30 days.
    package let lookBack: Duration

    /// - Throws: `QueueError.field` for a value out of range.
    package init(_ name: String, timeout: Duration, lookBack: Duration = .zero) throws(QueueError) {
        try SignalSpec.check(name)
        for (field, value, range) in [
            ("timeout", timeout, Duration.zero...JobOptions.longest), ("lookBack", lookBack, SignalSpec.times),
        ] where !range.contains(value) {
            throw .field(.invalid, field, found: value.text, allowed: "0s to \(range.upperBound.text)")
        }
        self.name = name
        self.timeout = timeout
        self.lookBack = lookBack
    }

    /// The name in keys and fields.
    var storedName: String { KeyText.stored(name) }

    /// The step whose result is the payload of the signal.
    package var step: String { "signal:" + storedName }
}
