internal import Foundation

/// Times as they are shown: ISO 8601 with milliseconds, UTC.
public enum ISOTime {
    /// - Parameter ms: since 1970. Written digit by digit: as a fraction of a second some milliseconds come out one less.
    public static func text(_ ms: Int) -> String {
        let (seconds, rest) = (ms / 1000, ms % 1000)
        let whole = Date(timeIntervalSince1970: Double(rest < 0 ? seconds - 1 : seconds)).formatted(
            Date.ISO8601FormatStyle())
        let digits = String(rest < 0 ? rest + 1000 : rest)
        return whole.dropLast() + "." + String(repeating: "0", count: 3 - digits.count) + digits + "Z"
    }
}
