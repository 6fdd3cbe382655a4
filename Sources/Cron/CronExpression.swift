/// When something recurs: a cron expression of five fields (minute, hour, day of month, month, day of week), or one of
/// `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`.
///
/// A field is a list of items, separated by commas:
///
/// | item | means |
/// |---|---|
/// | `*` | every value |
/// | `a` | this value |
/// | `a-b` | from a to b; `a` after `b` is refused |
/// | `*/n`, `a-b/n` | every nth of them, from the first on |
/// | `a/n` | every nth from a to the field's last value |
/// | `L` (day of month) | the month's last day |
/// | `5L`, `friL` (day of week) | the month's last Friday |
///
/// A month may be `jan`-`dec` and a day of week `sun`-`sat`, also in ranges and lists, in upper or lower case. 0 and 7
/// are Sunday. The name `sun` is 7 at the end of a range (`fri-sun` is Friday to Sunday) and 0 everywhere else.
///
/// Day of month and day of week: if both are restricted, a day that matches either of them matches; otherwise it must
/// match both. A field is restricted unless it begins with `*`, so `*/2` is not restricted. This is the rule of Debian's
/// crontab(5).
///
/// What happens when clocks are set depends on `followsClock`; see `Timing.next(after:)`.
public struct CronExpression: Sendable, Equatable, CustomStringConvertible {
    /// The most bytes of UTF-8 that an expression may have.
    public static let longest = 200

    /// As it was given.
    public let text: String
    public var description: String { text }

    /// Whether the minute or the hour field begins with `*`. Such an expression ticks whenever the wall clock matches,
    /// like "every ten minutes"; any other names fixed times of day, like "at 2:30".
    public let followsClock: Bool

    // Bit n stands for the value n.
    let minutes: UInt64
    let hours: UInt64
    let months: UInt64
    private let days: UInt64
    private let weekdays: UInt64
    private let lastWeekdays: UInt64
    private let lastDay: Bool
    private let eitherDay: Bool

    /// - Throws: the first `CronError` from left to right. An expression that would never tick (`0 0 30 2 *`) is
    ///   refused as well.
    public init(_ text: String) throws(CronError) {
        guard text.utf8.count <= Self.longest else { throw .tooLong(bytes: text.utf8.count) }
        let fields = try Self.fields(of: text)
        let minute = try CronField(.minute, fields[0])
        let hour = try CronField(.hour, fields[1])
        let day = try CronField(.dayOfMonth, fields[2])
        let month = try CronField(.month, fields[3])
        let weekday = try CronField(.dayOfWeek, fields[4])
        self.text = text
        minutes = minute.values
        hours = hour.values
        days = day.values
        months = month.values
        weekdays = weekday.values
        lastWeekdays = weekday.lastValues
        lastDay = day.hasLast
        eitherDay = !day.beginsWithStar && !weekday.beginsWithStar
        followsClock = minute.beginsWithStar || hour.beginsWithStar
        guard occurs else { throw .neverOccurs(text) }
    }

    private static let meanings = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// All of them, for messages.
    static var nicknames: String { meanings.keys.sorted().joined(separator: ", ") }

    private static func fields(of text: String) throws(CronError) -> [Substring] {
        let fields = text.split { $0 == " " || $0 == "\t" }
        if let first = fields.first, first.hasPrefix("@") {
            let name = fields.joined(separator: " ").lowercased()
            guard name != "@reboot" else { throw .reboot }
            guard let meaning = meanings[name] else { throw .unknownNickname(text) }
            return meaning.split(separator: " ")
        }
        guard fields.count != 6 else { throw .secondsField }
        guard fields.count == 5 else { throw .wrongNumberOfFields(fields.count) }
        return fields
    }

    /// Whether there is a year with a day that matches: every month starts on every day of the week in some year, also
    /// February in leap years.
    private var occurs: Bool {
        for month in 1...12 where months & 1 << UInt64(month) != 0 {
            for length in month == 2 ? [28, 29] : [CivilDate.length(ofMonth: month, year: 2001)] {
                for first in 0..<7 where matchingDays(length: length, first: first) != 0 { return true }
            }
        }
        return false
    }

    /// The matching days of a month that is in `months`: bit n for day n.
    ///
    /// - Parameter first: the day of week of the month's first day, 0 for Sunday.
    func matchingDays(length: Int, first: Int) -> UInt64 {
        var byDay = days
        if lastDay { byDay |= 1 << UInt64(length) }
        var byWeekday: UInt64 = 0
        for weekday in 0..<7 {
            let bit: UInt64 = 1 << UInt64(weekday)
            guard (weekdays | lastWeekdays) & bit != 0 else { continue }
            let earliest = 1 + (weekday - first + 7) % 7
            // The days a week apart.
            if weekdays & bit != 0 { byWeekday |= 0x1020_4081 << UInt64(earliest) }
            if lastWeekdays & bit != 0 { byWeekday |= 1 << UInt64(earliest + (length - earliest) / 7 * 7) }
        }
        let inMonth: UInt64 = (1 << UInt64(length + 1)) - 2
        return (eitherDay ? byDay | byWeekday : byDay & byWeekday) & inMonth
    }
}
