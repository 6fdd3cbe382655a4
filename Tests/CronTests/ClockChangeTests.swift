import Cron
import Foundation
import Testing

@Suite struct ClockChangeTests {
    @Test func aSkippedTimeTicksAtTheFirstInstantAfterTheGap() throws {
        // 02:00 to 03:00 on 29 March.
        let ticks = try cron("30 2 * * *", "Europe/Vienna").ticks(from: ms("2026-03-28T00:00+01:00"), count: 3)
        #expect(ticks == [ms("2026-03-28T02:30+01:00"), ms("2026-03-29T03:00+02:00"), ms("2026-03-30T02:30+02:00")])
    }

    @Test func allSkippedTimesAndTheTimeAfterThemAreOneTick() throws {
        let ticks = try cron("0,30 2,3 29 3 *", "Europe/Vienna")
            .ticks(from: ms("2026-03-29T00:00+01:00"), before: ms("2026-03-30T00:00+02:00"))
        #expect(ticks == [ms("2026-03-29T03:00+02:00"), ms("2026-03-29T03:30+02:00")])
    }

    @Test func aRepeatedTimeTicksWhenItComesFirst() throws {
        let ticks = try cron("30 2 * * *", "Europe/Vienna").ticks(from: ms("2026-10-25T00:00+02:00"), count: 2)
        #expect(ticks == [ms("2026-10-25T02:30+02:00"), ms("2026-10-26T02:30+01:00")])
    }

    @Test func aRepeatedTimeTicksTwiceIfItIsToldTo() throws {
        let ticks = try cron("30 2 * * *", "Europe/Vienna", .twice).ticks(from: ms("2026-10-25T00:00+02:00"), count: 3)
        #expect(ticks == [ms("2026-10-25T02:30+02:00"), ms("2026-10-25T02:30+01:00"), ms("2026-10-26T02:30+01:00")])
    }

    @Test func beingToldTwiceChangesNothingAboutAGap() throws {
        let ticks = try cron("30 2 * * *", "Europe/Vienna", .twice).ticks(from: ms("2026-03-29T00:00+01:00"), count: 2)
        #expect(ticks == [ms("2026-03-29T03:00+02:00"), ms("2026-03-30T02:30+02:00")])
    }

    @Test func afterTheFirstOfTwoTheNextIsTheSecondOnlyIfToldTwice() throws {
        let first = ms("2026-10-25T02:30+02:00")
        #expect(try cron("30 2 * * *", "Europe/Vienna", .twice).next(after: first) == ms("2026-10-25T02:30+01:00"))
        #expect(try cron("30 2 * * *", "Europe/Vienna", .once).next(after: first) == ms("2026-10-26T02:30+01:00"))
    }

    @Test func fromWithinTheSecondHourTheNextTickIsOnTheNextDay() throws {
        let second = ms("2026-10-25T02:10+01:00")
        #expect(try cron("30 2 * * *", "Europe/Vienna").next(after: second) == ms("2026-10-26T02:30+01:00"))
    }

    @Test func anExpressionThatFollowsTheClockTicksInBothHours() throws {
        let ticks = try cron("*/30 2 * * *", "Europe/Vienna").ticks(from: ms("2026-10-25T00:00+02:00"), count: 5)
        let expected = [
            "2026-10-25T02:00+02:00", "2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00", "2026-10-25T02:30+01:00",
            "2026-10-26T02:00+01:00",
        ]
        #expect(ticks == expected.map(ms))
    }

    @Test func anExpressionThatFollowsTheClockMakesUpNothing() throws {
        let tick = try cron("*/30 2 * * *", "Europe/Vienna").next(after: ms("2026-03-29T00:00+01:00"))
        #expect(tick == ms("2026-03-30T02:00+02:00"))
    }

    @Test func everyTenMinutesTicksEveryTenMinutesThroughAChange() throws {
        for change in ["2026-03-29T01:00Z", "2026-10-25T01:00Z"].map(ms) {
            let ticks = try cron("*/10 * * * *", "Europe/Vienna").ticks(from: change - 7_200_000, count: 25)
            #expect(ticks == (0..<25).map { change - 7_200_000 + $0 * 600_000 })
        }
    }

    @Test func aGapOfHalfAnHourTicksAfterHalfAnHour() throws {
        // Lord Howe: 02:00 to 02:30 on 4 October.
        let ticks = try cron("15,45 2 * * *", "Australia/Lord_Howe").ticks(from: ms("2026-10-04T00:00+10:30"), count: 2)
        #expect(ticks == [ms("2026-10-04T02:30+11:00"), ms("2026-10-04T02:45+11:00")])
    }

    @Test func inTheRepeatedHalfHourOnlyItsTimesComeTwice() throws {
        // Lord Howe: 02:00 back to 01:30 on 5 April.
        let ticks = try cron("15,45 1 5 4 *", "Australia/Lord_Howe", .twice)
            .ticks(from: ms("2026-04-05T00:00+11:00"), before: ms("2026-04-06T00:00+10:30"))
        #expect(ticks == ["2026-04-05T01:15+11:00", "2026-04-05T01:45+11:00", "2026-04-05T01:45+10:30"].map(ms))
    }

    @Test func aGapAtMidnightMovesTheDaysFirstTickToItsFirstInstant() throws {
        // Cairo: 00:00 to 01:00 on Friday 24 April.
        let ticks = try cron("0 0 * * 5", "Africa/Cairo").ticks(from: ms("2026-04-23T12:00+02:00"), count: 1)
        #expect(ticks == [ms("2026-04-24T01:00+03:00")])
    }

    @Test func theTimesOfADayThatWasLeftOutAreOneTickAtTheNextDaysStart() throws {
        // Samoa went from 29 to 31 December 2011.
        let ticks = try cron("0 9,12 * * *", "Pacific/Apia").ticks(from: ms("2011-12-29T00:00-10:00"), count: 5)
        let expected = [
            "2011-12-29T09:00-10:00", "2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T09:00+14:00",
            "2011-12-31T12:00+14:00",
        ]
        #expect(ticks == expected.map(ms))
    }

    @Test func aTickThatFallsOnADayThatWasLeftOutIsMadeUpFor() throws {
        let tick = try cron("0 9 30 12 *", "Pacific/Apia").next(after: ms("2011-01-01T00:00-10:00"))
        #expect(tick == ms("2011-12-31T00:00+14:00"))
    }

    @Test func aZoneWithoutChangesTicksAtTheSameTimeForever() throws {
        let ticks = try cron("0 9 1 1,7 *", "Asia/Kathmandu").ticks(from: ms("2026-01-01T00:00Z"), count: 2)
        #expect(ticks == [ms("2026-01-01T09:00+05:45"), ms("2026-07-01T09:00+05:45")])
    }

    @Test func theLastTickIsInTheYear2199() throws {
        let daily = try cron("0 0 * * *")
        #expect(daily.next(after: ms("2199-12-30T00:00Z")) == ms("2199-12-31T00:00Z"))
        #expect(daily.next(after: ms("2199-12-31T00:00Z")) == nil)
        #expect(daily.next(after: .max) == nil)
    }

    @Test func theFirstTickIsIn1970() throws {
        #expect(try cron("0 0 * * *").next(after: .min) == 0)
        #expect(try cron("0 1 * * *", "Europe/Vienna").next(after: .min) == 0)
        #expect(try cron("0 19 31 12 *", "America/New_York").next(after: -5) == 0)
    }

    /// So that a later Foundation that leaves out changes without summer time is noticed.
    @Test func aScanOfOffsetsFindsNoChangeThatSchedulesMiss() throws {
        for identifier in ["Africa/Casablanca", "Asia/Pyongyang", "Pacific/Apia", "Europe/Volgograd", "Asia/Almaty"] {
            let zone = try #require(TimeZone(identifier: identifier))
            let noon = try cron("0 12 * * *", identifier)
            for day in stride(from: ms("2010-01-01T00:00Z"), to: ms("2030-01-01T00:00Z"), by: 86_400_000) {
                let tick = try #require(noon.next(after: day))
                let local = tick / 1_000 + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(tick / 1_000)))
                // Noon, unless the day was left out.
                #expect(local % 86_400 == 43_200 || identifier == "Pacific/Apia" && local % 86_400 == 0)
            }
        }
    }
}
