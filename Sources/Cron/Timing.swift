/// What happens in the hour that comes twice when clocks are set back, to an expression that names fixed times.
public enum RepeatedHour: String, Sendable, Codable, CaseIterable {
    /// A time in it ticks when it comes first.
    case once
    /// A time in it ticks both times.
    case twice
}

/// When a schedule ticks. All times are ms since 1970 UTC; ticks are in the years 1970 to 2199.
public enum Timing: Sendable, Equatable {
    case cron(CronExpression, zone: Zone, repeatedHour: RepeatedHour)
    /// Every `interval` ms. `anchor` is the first tick, and the later ones are counted from it, so that a restart does
    /// not postpone them. Nothing ticks if the interval is not in `Timing.intervals`.
    case every(interval: Int, anchor: Int)

    /// The intervals in ms that `every` can have: a second to 366 days.
    public static let intervals = 1_000...366 * 86_400_000

    /// The start of the year 2200: there is no tick from here on.
    static let end = 7_258_118_400_000

    /// The first tick after this time; nil if there is none before the year 2200.
    ///
    /// When a zone's clocks are set, an expression that names fixed times (neither minute nor hour begin with `*`)
    /// ticks once for each of them:
    /// - A local time that was skipped ticks at the first instant after the gap. Several in one gap are one tick.
    /// - A local time that comes twice ticks when it comes first, or with `RepeatedHour.twice` both times.
    ///
    /// Any other expression follows the clock: it ticks at every instant at which the wall clock matches, also when it
    /// matches for the second time, and makes up for nothing that was skipped.
    public func next(after ms: Int) -> Int? {
        let start = max(ms, -1)
        guard start < Self.end else { return nil }
        let found: Int?
        switch self {
        case .cron(let expression, let zone, let repeatedHour):
            found = ZonedSearch(expression: expression, zone: zone, repeatedHour: repeatedHour).next(after: start)
        case .every(let interval, let anchor):
            guard Self.intervals.contains(interval) else { return nil }
            found = anchor > start ? anchor : start + interval - Self.elapsed(at: start, interval, anchor)
        }
        guard let found, found < Self.end else { return nil }
        return found
    }

    /// The last tick that is not after this time; nil if there is none since 1970.
    func last(to ms: Int) -> Int? {
        let to = min(ms, Self.end - 1)
        guard to >= 0 else { return nil }
        let found: Int?
        switch self {
        case .cron(let expression, let zone, let repeatedHour):
            found = ZonedSearch(expression: expression, zone: zone, repeatedHour: repeatedHour).last(to: to)
        case .every(let interval, let anchor):
            guard Self.intervals.contains(interval), anchor <= to else { return nil }
            found = to - Self.elapsed(at: to, interval, anchor)
        }
        guard let found, found >= 0 else { return nil }
        return found
    }

    /// How long ago the last tick was, by remainders, since the difference to an anchor may be too large for an `Int`.
    private static func elapsed(at ms: Int, _ interval: Int, _ anchor: Int) -> Int {
        let difference = ms % interval - anchor % interval
        return (difference % interval + interval) % interval
    }
}
