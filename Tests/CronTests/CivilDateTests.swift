import Testing

@testable import Cron

@Suite struct CivilDateTests {
    /// Day by day, as one would turn the leaves of a calendar.
    @Test func everyDayFrom1970To2200HasItsDate() {
        var wrong: [Int] = []
        var number = 0
        for year in 1_970...2_200 {
            let isLeap = year % 4 == 0 && year != 2_100 && year != 2_200
            for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for day in 1...length {
                    let date = CivilDate(days: number)
                    if (date.year, date.month, date.day) != (year, month + 1, day) { wrong.append(number) }
                    number += 1
                }
                if CivilDate.length(ofMonth: month + 1, year: year) != length { wrong.append(number) }
            }
        }
        #expect(wrong == [])
    }

    @Test func theDaysBefore1970HaveTheirDates() {
        #expect(CivilDate(days: -1).day == 31)
        #expect(CivilDate(days: -1).year == 1_969)
        #expect(CivilDate.weekday(ofDay: 0) == 4)
        #expect(CivilDate.weekday(ofDay: -5) == 6)
    }
}
