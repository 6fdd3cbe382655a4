extension Duration {
    private static let units: [(name: String, size: Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Reads a whole number with its unit: `250ms`, `30s`, `5m`, `1h`, `2d`. Nil for anything else.
    public init?(text: String) {
        guard let ms = DecimalText.quantity(text, Self.units) else { return nil }
        self = .milliseconds(ms)
    }

    /// The duration in the form that is read above, rounded down to milliseconds, in the largest unit that is exact.
    public var text: String {
        let ms = Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
        guard ms != 0, let unit = Self.units.last(where: { ms % $0.size == 0 }) else { return "0s" }
        return "\(ms / unit.size)\(unit.name)"
    }
}
