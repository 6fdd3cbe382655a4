/// A password that `print`, string interpolation and `dump` do not show.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    let text: String

    var description: String { "***" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
