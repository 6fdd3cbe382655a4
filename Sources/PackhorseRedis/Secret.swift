/// A password that neither `print`, string interpolation nor `dump` shows.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    let text: String

    var description: String { "***" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
