/// Searches in local time without regard to zones. A minute is counted from 1 January 1970, 00:00 local time; it may be
/// negative.
extension CronExpression {
    private static let perDay = 1_440

    /// The first matching minute from this one on; nil if there is none before the year 2201.
    func first(from minute: Int) -> Int? {
        let day = minute.dividedDown(by: Self.perDay)
        guard let time = firstTime(from: minute - day * Self.perDay) else { return firstOfDay(from: day + 1) }
        guard let found = firstDay(from: day) else { return nil }
        return found == day ? day * Self.perDay + time : firstOfDay(from: found)
    }

    /// The last matching minute up to this one; nil if there is none since the year 1969.
    func last(to minute: Int) -> Int? {
        let day = minute.dividedDown(by: Self.perDay)
        guard let time = lastTime(to: minute - day * Self.perDay) else { return lastOfDay(to: day - 1) }
        guard let found = lastDay(to: day) else { return nil }
        return found == day ? day * Self.perDay + time : lastOfDay(to: found)
    }

    private func firstOfDay(from day: Int) -> Int? {
        guard let found = firstDay(from: day), let time = firstTime(from: 0) else { return nil }
        return found * Self.perDay + time
    }

    private func lastOfDay(to day: Int) -> Int? {
        guard let found = lastDay(to: day), let time = lastTime(to: Self.perDay - 1) else { return nil }
        return found * Self.perDay + time
    }

    private func firstTime(from time: Int) -> Int? {
        let hour = time / 60
        if hours & 1 << UInt64(hour) != 0, let minute = minutes.lowestBit(from: time % 60) { return hour * 60 + minute }
        guard let next = hours.lowestBit(from: hour + 1), let minute = minutes.lowestBit(from: 0) else { return nil }
        return next * 60 + minute
    }

    private func lastTime(to time: Int) -> Int? {
        let hour = time / 60
        if hours & 1 << UInt64(hour) != 0, let minute = minutes.highestBit(to: time % 60) { return hour * 60 + minute }
        guard hour > 0, let previous = hours.highestBit(to: hour - 1), let minute = minutes.highestBit(to: 59) else {
            return nil
        }
        return previous * 60 + minute
    }

    private func firstDay(from day: Int) -> Int? {
        let date = CivilDate(days: day)
        var (year, month, earliest, start) = (date.year, date.month, date.day, day - date.day + 1)
        while year <= 2_200 {
            let length = CivilDate.length(ofMonth: month, year: year)
            if months & 1 << UInt64(month) != 0 {
                let days = matchingDays(length: length, first: CivilDate.weekday(ofDay: start))
                if let found = days.lowestBit(from: earliest) { return start + found - 1 }
            }
            start += length
            earliest = 1
            (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
        }
        return nil
    }

    private func lastDay(to day: Int) -> Int? {
        let date = CivilDate(days: day)
        var (year, month, latest, start) = (date.year, date.month, date.day, day - date.day + 1)
        while year >= 1_969 {
            if months & 1 << UInt64(month) != 0 {
                let length = CivilDate.length(ofMonth: month, year: year)
                let days = matchingDays(length: length, first: CivilDate.weekday(ofDay: start))
                if let found = days.highestBit(to: latest) { return start + found - 1 }
            }
            (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
            start -= CivilDate.length(ofMonth: month, year: year)
            latest = 31
        }
        return nil
    }
}

extension Int {
    /// The quotient rounded down, also of negative numbers.
    func dividedDown(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self < quotient * divisor ? quotient - 1 : quotient
    }
}

extension UInt64 {
    /// The lowest set bit that is not below `bit`, which is 0...63.
    fileprivate func lowestBit(from bit: Int) -> Int? {
        let rest = self & .max << UInt64(bit)
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// The highest set bit that is not above `bit`, which is 0...63.
    fileprivate func highestBit(to bit: Int) -> Int? {
        let rest = self & .max >> UInt64(63 - bit)
        return rest == 0 ? nil : 63 - rest.leadingZeroBitCount
    }
}
