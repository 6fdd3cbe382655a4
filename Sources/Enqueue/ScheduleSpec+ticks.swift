internal import Cron
internal import Foundation
public import Queue

extension ScheduleSpec {
    /// The first ticks after a time, in ms since 1970; fewer if it ends before.
    ///
    /// - Parameter count: 1 to 1,000; not checked.
    public func ticks(after ms: Int, count: Int) -> [Int] {
        var ticks: [Int] = []
        while ticks.count < count, let tick = next(after: ticks.last ?? ms) { ticks.append(tick) }
        return ticks
    }

    /// How many ticks a person may ask for.
    package static let tickLimits = 1...1000

    /// The zone of its cron expression; UTC for an interval.
    package var zoneName: String {
        if case .cron(_, let zone, _) = timing { zone.identifier } else { Zone.utc.identifier }
    }

    /// A time on the clocks of its zone: ISO 8601 with the offset, such as `2031-05-04T14:00:00+02:00`.
    package func localText(_ ms: Int) -> String {
        let date = Date(timeIntervalSince1970: Double(ms) / 1000)
        let offset = TimeZone(identifier: zoneName)?.secondsFromGMT(for: date) ?? 0
        let minutes = abs(offset) / 60
        func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = ISOTime.text(ms + offset * 1000).prefix(19)
        return "\(clock)\(offset < 0 ? "-" : "+")\(digits(minutes / 60)):\(digits(minutes % 60))"
    }

    /// When it ticks, in words: `0 3 * * * Europe/Vienna`, `every 15m`.
    package var timingText: String {
        switch timing {
        case .cron(let expression, let zone, _): "\(expression.text) \(zone.identifier)"
        case .every(let interval, _): "every \(Duration.milliseconds(interval).text)"
        }
    }
}
