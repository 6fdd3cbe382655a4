internal import Foundation

extension Duration {
    /// Whole milliseconds, rounded towards zero, limited to a hundred thousand years in either direction.
    public var milliseconds: Int {
        let seconds = min(max(components.seconds, -3_000_000_000_000), 3_000_000_000_000)
        return Int(seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}

extension Date {
    var milliseconds: Int { Int((timeIntervalSince1970 * 1000).rounded()) }

    init(milliseconds: Int) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
