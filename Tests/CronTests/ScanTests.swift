import Cron
import Foundation
import Testing

/// Random expressions in random zones against a scan of all minutes with Foundation's calendar.
@Suite struct ScanTests {
    /// The same numbers in each run.
    struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ state >> 29) &* 0xbf58_476d_1ce4_e5b9 ^ state >> 32
        }
    }

    /// A field's text and what it means.
    struct Field {
        var text: String
        var values: Set<Int>
        var beginsWithStar: Bool { text.hasPrefix("*") }

        init(_ range: ClosedRange<Int>, stars: Int, by numbers: inout Numbers) {
            (text, values) = ("", [])
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                let first = Int.random(in: range, using: &numbers)
                let last = Int.random(in: first...range.upperBound, using: &numbers)
                let step = Int.random(in: 1...(range.count / 3), using: &numbers)
                let (item, found): (String, Set<Int>)
                switch Int.random(in: 0..<(4 + stars), using: &numbers) {
                case 0: (item, found) = ("\(first)", [first])
                case 1: (item, found) = ("\(first)-\(last)", Set(first...last))
                case 2: (item, found) = ("\(first)-\(last)/\(step)", Set(stride(from: first, through: last, by: step)))
                case 3:
                    (item, found) = ("\(first)/\(step)", Set(stride(from: first, through: range.upperBound, by: step)))
                case 4:
                    let all = stride(from: range.lowerBound, through: range.upperBound, by: step)
                    (item, found) = ("*/\(step)", Set(all))
                default: (item, found) = ("*", Set(range))
                }
                text += text.isEmpty ? item : "," + item
                values.formUnion(found)
            }
        }
    }

    static let zones = [
        "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Africa/Cairo", "UTC",
        "Pacific/Chatham", "Antarctica/Troll", "America/St_Johns", "America/Nuuk", "Atlantic/Azores", "Asia/Kathmandu",
    ]

    @Test(arguments: 0..<120) func nextAgreesWithAScanOfAllMinutes(_ seed: Int) throws {
        var numbers = Numbers(state: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1)
        let name = Self.zones[seed % Self.zones.count]
        let zone = try #require(TimeZone(identifier: name))
        // Days around a change of the clocks, or anywhere if there is none.
        let random = Date(timeIntervalSince1970: Double(Int.random(in: 1_700_000_000...2_100_000_000, using: &numbers)))
        let middle = zone.nextDaylightSavingTimeTransition(after: random) ?? random
        let start = (Int(middle.timeIntervalSince1970) / 60 - 2_160) * 60_000
        let scan = try Scan(zone: zone, start: start, minutes: 4_320)
        for _ in 0..<12 {
            // A fourth of the fields of minutes and hours begins with a star.
            let minute = Field(0...59, stars: 1, by: &numbers)
            let hour = Field(0...23, stars: 1, by: &numbers)
            let day = Field(1...31, stars: 6, by: &numbers)
            let month = Field(1...12, stars: 12, by: &numbers)
            let weekday = Field(0...6, stars: 6, by: &numbers)
            let text = [minute, hour, day, month, weekday].map(\.text).joined(separator: " ")
            let days = scan.days.filter {
                let byDay = day.values.contains($0.day)
                let byWeekday = weekday.values.contains($0.weekday)
                let isEither = !day.beginsWithStar && !weekday.beginsWithStar
                return month.values.contains($0.month) && (isEither ? byDay || byWeekday : byDay && byWeekday)
            }
            for repeatedHour in RepeatedHour.allCases {
                let expected = scan.ticks(
                    on: days.map(\.number), minutes: minute.values, hours: hour.values,
                    followsClock: minute.beginsWithStar || hour.beginsWithStar, repeatedHour)
                let timing: Timing
                do {
                    timing = try cron(text, name, repeatedHour)
                } catch CronError.neverOccurs {
                    #expect(expected.isEmpty)
                    continue
                }
                let end = start + 4_320 * 60_000
                #expect(timing.ticks(from: start, before: end) == expected, "\(text) \(repeatedHour) in \(name)")
                let due = timing.due(since: start, now: end - 1, catchUp: .all(limit: 1_000))
                #expect(due.run == expected.suffix(1_000), "\(text) \(repeatedHour) in \(name), backwards")
                #expect(due.missed == max(0, expected.count - 1_000))
            }
        }
    }
}

/// Some days in a zone, minute by minute.
struct Scan {
    struct Day {
        let number: Int
        let month: Int
        let day: Int
        let weekday: Int
    }

    /// The local minute since 1970 of each minute.
    private let local: [Int]
    /// When each local minute comes.
    private let instants: [Int: [Int]]
    private let start: Int
    let days: [Day]

    init(zone: TimeZone, start: Int, minutes: Int) throws {
        self.start = start
        let local = (0..<minutes).map { minute in
            let seconds = start / 1_000 + minute * 60
            return (seconds + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))) / 60
        }
        self.local = local
        instants = Dictionary(grouping: local.indices) { local[$0] }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        days = try (local[0] / 1_440...local[minutes - 1] / 1_440).map { number in
            let date = Date(timeIntervalSince1970: Double(number * 86_400))
            let parts = calendar.dateComponents([.month, .day, .weekday], from: date)
            return Day(
                number: number, month: try #require(parts.month), day: try #require(parts.day),
                weekday: try #require(parts.weekday) - 1)
        }
    }

    func ticks(
        on days: [Int], minutes: Set<Int>, hours: Set<Int>, followsClock: Bool, _ repeatedHour: RepeatedHour
    ) -> [Int] {
        var found: Set<Int> = []
        for day in days {
            for hour in hours {
                for minute in minutes {
                    let time = day * 1_440 + hour * 60 + minute
                    guard time >= local[0], time <= local[local.count - 1] else { continue }
                    if let instants = instants[time] {
                        found.formUnion(followsClock || repeatedHour == .twice ? instants : [instants[0]])
                    } else if !followsClock, let after = local.firstIndex(where: { $0 > time }) {
                        found.insert(after)
                    }
                }
            }
        }
        return found.sorted().map { start + $0 * 60_000 }
    }
}
