import Cron
import Testing

/// The fixture is made by `scripts/cron-fixture.py` with Python's zoneinfo and the tz database 2025b, which is also the
/// one in the Foundation of Swift 6.3.1: they agree in all cases. A later Foundation may know later laws; then the
/// fixture must be made again with that database.
@Suite struct ZoneFixtureTests {
    struct Fixture: Decodable {
        let cases: [Change]
    }

    struct Change: Decodable {
        struct Ticks: Decodable {
            let once: [Int]
            /// Only if they are others.
            let twice: [Int]?
        }

        let zone: String
        let change: String
        /// In minutes since 1970.
        let start: Int
        let minutes: Int
        /// In minutes since `start`, for each expression.
        let expected: [String: Ticks]
    }

    @Test func ticksAroundChangesOfClocksAreThoseOfAScanOfAllMinutes() throws {
        let changes = try fixture("zones.json", as: Fixture.self).cases
        #expect(changes.count == 97)
        for change in changes {
            let (start, end) = (change.start * 60_000, (change.start + change.minutes) * 60_000)
            for (expression, expected) in change.expected {
                for (hour, minutes) in [(RepeatedHour.once, expected.once), (.twice, expected.twice ?? expected.once)] {
                    let ticks = try cron(expression, change.zone, hour).ticks(from: start, before: end)
                    let found = ticks.map { $0 / 60_000 - change.start }
                    #expect(found == minutes, "\(expression) \(hour) in \(change.zone) around \(change.change)")
                }
            }
        }
    }

    @Test func searchingBackwardsAroundChangesOfClocksFindsTheSame() throws {
        for change in try fixture("zones.json", as: Fixture.self).cases {
            let (start, end) = (change.start * 60_000, (change.start + change.minutes) * 60_000)
            for (expression, expected) in change.expected {
                for (hour, minutes) in [(RepeatedHour.once, expected.once), (.twice, expected.twice ?? expected.once)] {
                    let due = try cron(expression, change.zone, hour)
                        .due(since: start, now: end - 1, catchUp: .all(limit: 1_000))
                    let found = due.run.map { $0 / 60_000 - change.start }
                    #expect(found == minutes, "\(expression) \(hour) in \(change.zone) around \(change.change)")
                }
            }
        }
    }
}
