/// A date of the Gregorian calendar, by arithmetic alone.
struct CivilDate {
    let year: Int
    let month: Int
    let day: Int

    /// - Parameter days: since 1 January 1970; may be negative.
    init(days: Int) {
        // Counted from 1 March of the year 0, so that the leap day is a year's last; 146,097 days are 400 years.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        day = ofYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Of a day since 1 January 1970, which was a Thursday; 0 for Sunday.
    static func weekday(ofDay days: Int) -> Int { ((days + 4) % 7 + 7) % 7 }
}
