/// A secret that `print`, string interpolation and `dump` do not show.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The secret itself.
    public let text: String

    /// Takes any text.
    public init(_ text: String) { self.text = text }

    public var description: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Compares with untrusted input: a wrong text takes as long as the right one of that length.
    public func matches(_ other: some StringProtocol) -> Bool {
        let (bytes, other) = (Array(text.utf8), Array(other.utf8))
        var difference = UInt8(other.count == bytes.count ? 0 : 1)
        for (i, byte) in other.enumerated() { difference |= byte ^ (bytes.isEmpty ? 1 : bytes[i % bytes.count]) }
        return difference == 0
    }
}
