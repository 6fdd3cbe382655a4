import Cron
import Testing

/// The rules of Debian's crontab(5), and ours where they go further.
@Suite struct FieldTests {
    /// Two expressions that must tick at the same times: for 1,000 ticks from 2026 on in UTC.
    static let same: [(String, String)] = [
        ("* * * * *", "0-59 0-23 1-31 1-12 0-7"),
        ("*/20 * * * *", "0,20,40 * * * *"),
        ("7/20 * * * *", "7,27,47 * * * *"),
        ("10-30/10 * * * *", "10,20,30 * * * *"),
        ("0 22/1 * * *", "0 22,23 * * *"),
        ("*/60 * * * *", "0 * * * *"),
        ("0 0 * * 0", "0 0 * * 7"),
        ("0 0 * * sun", "0 0 * * 7"),
        ("0 0 * * 5-7", "0 0 * * 0,5,6"),
        ("0 0 * * fri-sun", "0 0 * * 0,5,6"),
        ("0 0 * * SAT-Sun", "0 0 * * 0,6"),
        ("0 0 * * sun-tue", "0 0 * * 0-2"),
        ("0 0 * * sun-sun", "0 0 * * 0"),
        ("0 0 * * mon-sun", "0 0 * * 0-6"),
        ("0 0 * * mon,wed-fri", "0 0 * * 1,3,4,5"),
        ("0 0 * * 4/2", "0 0 * * 4,6"),
        ("0 0 * * 7/2", "0 0 * * 0,2,4,6"),
        ("0 0 * * 5-7/2", "0 0 * * 0,5"),
        ("0 0 1 jan,Mar-MAY *", "0 0 1 1,3,4,5 *"),
        ("0 0 1 feb/5 *", "0 0 1 2,7,12 *"),
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        (" @Daily\t", "0 0 * * *"),
        (" \t0  0 * *\t* ", "0 0 * * *"),
        ("0 0 * * 7L", "0 0 * * sunL"),
        ("0 0 * * 5L", "0 0 * * FRIl"),
        ("0 0 L 1 *", "0 0 31 1 *"),
    ]

    @Test(arguments: same) func twoWordsForTheSameTickTogether(_ first: String, _ second: String) throws {
        let start = ms("2026-01-01T00:00Z")
        // 174 years of @monthly are more than 1,000 ticks; those of "0 0 L 1 *" are not.
        #expect(try cron(first).ticks(from: start, count: 1_000) == cron(second).ticks(from: start, count: 1_000))
    }

    @Test func aYearlyNicknameTicksOnNewYearsDay() throws {
        let years = [ms("2026-01-01T00:00Z"), ms("2027-01-01T00:00Z"), ms("2028-01-01T00:00Z")]
        #expect(try cron("@yearly").ticks(from: years[0], count: 3) == years)
        #expect(try cron("@annually").ticks(from: years[0], count: 3) == years)
    }

    /// Days of January 2026, which begins on a Thursday.
    static let days: [(String, [Int])] = [
        ("0 0 13 * 5", [2, 9, 13, 16, 23, 30]),
        ("0 0 */10 * 5", []),
        ("0 0 */2 * 5", [9, 23]),
        ("0 0 13 * */5", []),
        ("0 0 11 * */7", [11]),
        ("0 0 1-31 * 5", Array(1...31)),
        ("0 0 *,13 * 5", [2, 9, 16, 23, 30]),
        ("0 0 13,* * 5", Array(1...31)),
        ("0 0 * * 5", [2, 9, 16, 23, 30]),
        ("0 0 */5 * */3", [11, 21, 31]),
        ("0 0 L * *", [31]),
        ("0 0 15,L * *", [15, 31]),
        ("0 0 L * 1", [5, 12, 19, 26, 31]),
        ("0 0 * * 5L", [30]),
        ("0 0 * * monL,4L", [26, 29]),
        ("0 0 * * 6,5L", [3, 10, 17, 24, 30, 31]),
        ("0 0 1 * 5L", [1, 30]),
        ("0 0 */29 * 5L", [30]),
    ]

    @Test(arguments: days) func daysMatchByTheirRules(_ expression: String, _ expected: [Int]) throws {
        let start = ms("2026-01-01T00:00Z")
        let ticks = try cron(expression).ticks(from: start, before: ms("2026-02-01T00:00Z"))
        #expect(ticks.map { ($0 - start) / 86_400_000 + 1 } == expected)
    }

    @Test func theLastDayIsThatOfItsMonth() throws {
        let ticks = try cron("0 0 L 2 *").ticks(from: ms("2026-01-01T00:00Z"), count: 3)
        #expect(ticks == [ms("2026-02-28T00:00Z"), ms("2027-02-28T00:00Z"), ms("2028-02-29T00:00Z")])
    }

    @Test func theLeapDayOf2100IsLeftOut() throws {
        let ticks = try cron("0 0 29 2 *").ticks(from: ms("2096-01-01T00:00Z"), count: 2)
        #expect(ticks == [ms("2096-02-29T00:00Z"), ms("2104-02-29T00:00Z")])
    }

    @Test func theLeapDayThatIsASundayIsFoundAcrossDecades() throws {
        let tick = try cron("0 0 29 2 */7").next(after: ms("2080-01-01T00:00Z"))
        #expect(tick == ms("2088-02-29T00:00Z"))
    }

    @Test func onlyAMinuteOrHourThatBeginsWithAStarFollowsTheClock() throws {
        #expect(try CronExpression("*/5 2 * * *").followsClock)
        #expect(try CronExpression("5 */2 * * *").followsClock)
        #expect(try CronExpression("@hourly").followsClock)
        #expect(try !CronExpression("0-59/5 0-23 * * *").followsClock)
        #expect(try !CronExpression("@daily").followsClock)
    }

    @Test func theTextIsKeptAsGiven() throws {
        #expect(try CronExpression(" @Daily").description == " @Daily")
    }
}
