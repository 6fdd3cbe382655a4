internal import Queue

/// A number of bytes and its text: `1048576`, `1MiB`.
public struct ByteCount: Sendable, Equatable, CustomStringConvertible {
    /// The number itself, in bytes.
    public let bytes: Int

    private static let units: [(name: String, size: Int)] = [
        ("", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ]

    /// - Parameter bytes: 0 or more; not checked.
    public init(_ bytes: Int) { self.bytes = bytes }

    /// Reads a whole number, alone or with KiB, MiB, GiB or TiB. Nil for anything else.
    public init?(_ text: String) {
        guard let bytes = DecimalText.quantity(text, Self.units) else { return nil }
        self.bytes = bytes
    }

    public var description: String {
        let unit = bytes == 0 ? Self.units[0] : Self.units.last { bytes % $0.size == 0 } ?? Self.units[0]
        return "\(bytes / unit.size)\(unit.name)"
    }
}
