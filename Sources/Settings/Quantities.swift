extension Duration {
    private static let units: [(name: String, ms: Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Reads a whole number with its unit: `250ms`, `30s`, `5m`, `1h`, `2d`. Nil for anything else.
    public init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), let unit = Self.units.first(where: { $0.name == text[digits.endIndex...] })
        else { return nil }
        let (ms, overflows) = number.multipliedReportingOverflow(by: unit.ms)
        guard !overflows else { return nil }
        self = .milliseconds(ms)
    }

    /// The duration as it is read above, rounded down to milliseconds, in the largest unit that is exact.
    public var text: String {
        let ms = Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
        guard ms != 0, let unit = Self.units.last(where: { ms % $0.ms == 0 }) else { return "0s" }
        return "\(ms / unit.ms)\(unit.name)"
    }
}

/// A number of bytes and its text: `1048576`, `1MiB`.
public struct ByteCount: Sendable, Equatable, CustomStringConvertible {
    /// The number itself, in bytes.
    public let bytes: Int

    private static let units: [(name: String, shift: Int)] = [
        ("", 0), ("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40),
    ]

    /// - Parameter bytes: 0 or more; it is not checked.
    public init(_ bytes: Int) { self.bytes = bytes }

    /// Reads a whole number, alone or with KiB, MiB, GiB or TiB. Nil for anything else.
    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), let unit = Self.units.first(where: { $0.name == text[digits.endIndex...] })
        else { return nil }
        let (bytes, overflows) = number.multipliedReportingOverflow(by: 1 << unit.shift)
        guard !overflows else { return nil }
        self.bytes = bytes
    }

    public var description: String {
        let unit = bytes == 0 ? Self.units[0] : Self.units.last { bytes % (1 << $0.shift) == 0 } ?? Self.units[0]
        return "\(bytes >> unit.shift)\(unit.name)"
    }
}
