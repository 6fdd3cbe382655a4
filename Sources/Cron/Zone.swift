internal import Foundation

/// A time zone with all changes of its offset between 1970 and 2200, so that schedules need no calendar.
///
/// The rules are those of the tz database inside of Foundation (its ICU), not of `/usr/share/zoneinfo`: they change with
/// the Swift version that the program was built with.
public struct Zone: Sendable, Equatable, CustomStringConvertible {
    /// As it was given.
    public let identifier: String
    public var description: String { identifier }

    /// A time with one offset to UTC, up to the next one.
    struct Span {
        /// The first instant, in ms. The first span's is before all ticks.
        let start: Int
        /// Local time minus UTC, in ms.
        let offset: Int
    }

    /// Ascending, never empty.
    let spans: [Span]

    public static let utc = Zone(identifier: "UTC", spans: [Span(start: Self.beginning, offset: 0)])

    /// - Parameter identifier: of the IANA database, as written there: an area and a place, such as `Europe/Vienna`;
    ///   links such as `Asia/Calcutta`; `Etc/GMT+5`; `UTC` or `GMT`. Abbreviations and single words (`CST`, `EST5EDT`,
    ///   `Cuba`) are refused, since what they mean depends on who reads them; so are offsets (`GMT+5`).
    /// - Throws: `CronError.unknownZone`.
    public init(_ identifier: String) throws(CronError) {
        let isName = identifier == "UTC" || identifier == "GMT" || identifier.contains("/")
        // SystemV is not of the IANA database, but ICU has it.
        guard isName, !identifier.hasPrefix("SystemV/"), let zone = TimeZone(identifier: identifier) else {
            throw .unknownZone(identifier)
        }
        self.init(identifier: identifier, spans: Self.spans(of: zone))
    }

    private init(identifier: String, spans: [Span]) {
        self.identifier = identifier
        self.spans = spans
    }

    public static func == (first: Zone, second: Zone) -> Bool { first.identifier == second.identifier }

    private static let beginning = -4 * 86_400_000

    private static func spans(of zone: TimeZone) -> [Span] {
        var date = Date(timeIntervalSince1970: Double(beginning / 1_000))
        var spans = [Span(start: beginning, offset: zone.secondsFromGMT(for: date) * 1_000)]
        while let change = zone.nextDaylightSavingTimeTransition(after: date), change > date {
            date = change
            let start = Int(change.timeIntervalSince1970) * 1_000
            guard start < Timing.end else { break }
            let offset = zone.secondsFromGMT(for: change) * 1_000
            if offset != spans.last?.offset { spans.append(Span(start: start, offset: offset)) }
        }
        return spans
    }

    /// The span of an instant; the first one also for all instants before it.
    func span(at ms: Int) -> Int {
        var (low, high) = (0, spans.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if spans[middle].start <= ms { low = middle } else { high = middle }
        }
        return low
    }
}
