public import Foundation

/// Times as text: ISO 8601 with milliseconds, UTC.
public enum ISOTime {
    /// - Parameter ms: since 1970. Written digit by digit: converted from fractions of a second, some milliseconds
    ///   would be one too low.
    public static func text(_ ms: Int) -> String {
        let (seconds, rest) = (ms / 1000, ms % 1000)
        let whole = Date(timeIntervalSince1970: Double(rest < 0 ? seconds - 1 : seconds)).formatted(
            Date.ISO8601FormatStyle())
        let digits = String(rest < 0 ? rest + 1000 : rest)
        return whole.dropLast() + "." + String(repeating: "0", count: 3 - digits.count) + digits + "Z"
    }

    /// Reads `2031-05-04T12:00:00Z`, also with a fraction of a second, and with an offset such as `+02:00` instead of
    /// `Z`.
    ///
    /// - Returns: the time, rounded down to milliseconds; nil for any other text, and for a day or an hour that does
    ///   not exist, such as 30 February or 25:00.
    public static func date(_ text: String) -> Date? {
        let form =
            #/
            (?<clock>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})
            (?:\.(?<fraction>[0-9]{1,9}))?
            (?:Z|(?<offset>[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]))
            /#
        guard let found = text.wholeMatch(of: form) else { return nil }
        let clock = found.clock + "Z"
        let style = Date.ISO8601FormatStyle()
        // 30 February is parsed as 2 March, and formatted as that.
        guard let date = try? style.parse(String(clock)), date.formatted(style) == clock else { return nil }
        let ms = Int(((found.fraction ?? "") + "000").prefix(3)) ?? 0
        return date.addingTimeInterval(Double(ms) / 1000 - Double(found.offset.map(seconds) ?? 0))
    }

    /// - Parameter offset: `+hh:mm` or `+hhmm`, or with a minus sign.
    private static func seconds(_ offset: Substring) -> Int {
        let (hours, minutes) = (Int(offset.dropFirst().prefix(2)) ?? 0, Int(offset.suffix(2)) ?? 0)
        return (offset.first == "-" ? -1 : 1) * (hours * 60 + minutes) * 60
    }
}
