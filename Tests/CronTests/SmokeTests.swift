import Testing
@testable import Cron
@Test func smoke() throws {
    let e = try CronExpression("0 9 * * *")
    let t = Timing.cron(e, zone: try Zone("Europe/Vienna"), repeatedHour: .once)
    #expect(t.next(after: 1_780_000_000_000) == 1_780_038_000_000)
}
