import Cron
import Testing

/// The fixture is made by `scripts/cron-fixture.py` with croniter 7.0.0.
@Suite struct CroniterTests {
    struct Fixture: Decodable {
        let start: Int
        /// Minutes since `start`.
        let agreeing: [String: [Int]]
        let different: [Difference]
    }

    struct Difference: Decodable {
        let expression: String
        let why: String
        /// The name of the error, if we refuse it.
        let refused: String?
        /// What it means by our rules: croniter's ticks of other words for the same.
        let ours: [Int]?
        /// Nil if croniter refuses it.
        let croniter: [Int]?
    }

    @Test func twoHundredExpressionsTickAsInCroniter() throws {
        let fixture = try fixture("croniter.json", as: Fixture.self)
        #expect(fixture.agreeing.count > 200)
        for (expression, expected) in fixture.agreeing {
            let ticks = try cron(expression).ticks(from: fixture.start * 60_000, count: expected.count)
            #expect(ticks.map { $0 / 60_000 - fixture.start } == expected, "\(expression)")
        }
    }

    @Test func theListedDifferencesToCroniterAreAsTheySay() throws {
        let fixture = try fixture("croniter.json", as: Fixture.self)
        #expect(fixture.different.count == 24)
        for difference in fixture.different {
            let why = Comment(rawValue: difference.expression + ": " + difference.why)
            do throws(CronError) {
                let expression = try CronExpression(difference.expression)
                let ticks = Timing.cron(expression, zone: .utc, repeatedHour: .once)
                    .ticks(from: fixture.start * 60_000, count: 20).map { $0 / 60_000 - fixture.start }
                #expect(ticks == difference.ours, why)
                #expect(ticks != difference.croniter, why)
            } catch {
                #expect(difference.refused == name(of: error), why)
            }
        }
    }

    private func name(of error: CronError) -> String {
        switch error {
        case .backwards: "backwards"
        case .stepTooLarge: "stepTooLarge"
        case .notAValue: "notAValue"
        case .secondsField: "secondsField"
        case .neverOccurs: "neverOccurs"
        default: error.description
        }
    }
}
