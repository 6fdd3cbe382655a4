import Cron
import Testing

@Suite struct RefusalTests {
    static let bad: [(String, CronError)] = [
        ("", .wrongNumberOfFields(0)),
        ("   ", .wrongNumberOfFields(0)),
        ("*", .wrongNumberOfFields(1)),
        ("* * * *", .wrongNumberOfFields(4)),
        ("* * * * * * *", .wrongNumberOfFields(7)),
        ("0 * * * * *", .secondsField),
        ("0 0 1 1 * 2026", .secondsField),
        ("@reboot", .reboot),
        (" @Reboot ", .reboot),
        ("@fortnightly", .unknownNickname("@fortnightly")),
        ("@every 5m", .unknownNickname("@every 5m")),
        ("@daily 5", .unknownNickname("@daily 5")),
        ("@", .unknownNickname("@")),
        ("60 * * * *", .outOfRange(.minute, found: "60")),
        ("99999999999999999999 * * * *", .outOfRange(.minute, found: "99999999999999999999")),
        ("5-60 * * * *", .outOfRange(.minute, found: "5-60")),
        ("* 24 * * *", .outOfRange(.hour, found: "24")),
        ("* * 0 * *", .outOfRange(.dayOfMonth, found: "0")),
        ("* * 32 * *", .outOfRange(.dayOfMonth, found: "32")),
        ("* * * 0 *", .outOfRange(.month, found: "0")),
        ("* * * 13 *", .outOfRange(.month, found: "13")),
        ("* * * * 8", .outOfRange(.dayOfWeek, found: "8")),
        ("* * * * 8L", .outOfRange(.dayOfWeek, found: "8L")),
        ("x * * * *", .notAValue(.minute, found: "x")),
        ("-1 * * * *", .notAValue(.minute, found: "-1")),
        ("+1 * * * *", .notAValue(.minute, found: "+1")),
        ("1- * * * *", .notAValue(.minute, found: "1-")),
        ("1-2-3 * * * *", .notAValue(.minute, found: "1-2-3")),
        ("1.5 * * * *", .notAValue(.minute, found: "1.5")),
        ("٣ * * * *", .notAValue(.minute, found: "٣")),
        ("*-5 * * * *", .notAValue(.minute, found: "*-5")),
        ("** * * * *", .notAValue(.minute, found: "**")),
        ("? * * * *", .notAValue(.minute, found: "?")),
        ("L * * * *", .notAValue(.minute, found: "L")),
        ("* 2L * * *", .notAValue(.hour, found: "2L")),
        ("* mon * * *", .notAValue(.hour, found: "mon")),
        ("* * 5L * *", .notAValue(.dayOfMonth, found: "5L")),
        ("* * L-3 * *", .notAValue(.dayOfMonth, found: "L-3")),
        ("* * 1-L * *", .notAValue(.dayOfMonth, found: "1-L")),
        ("* * L/2 * *", .notAValue(.dayOfMonth, found: "L/2")),
        ("* * LW * *", .notAValue(.dayOfMonth, found: "LW")),
        ("* * 15W * *", .notAValue(.dayOfMonth, found: "15W")),
        ("* * ? * 1", .notAValue(.dayOfMonth, found: "?")),
        ("* * * january *", .notAValue(.month, found: "january")),
        ("* * * mon *", .notAValue(.month, found: "mon")),
        ("* * * * jan", .notAValue(.dayOfWeek, found: "jan")),
        ("* * * * L", .notAValue(.dayOfWeek, found: "L")),
        ("* * * * L5", .notAValue(.dayOfWeek, found: "L5")),
        ("* * * * *L", .notAValue(.dayOfWeek, found: "*L")),
        ("* * * * 1-5L", .notAValue(.dayOfWeek, found: "1-5L")),
        ("* * * * 5#2", .notAValue(.dayOfWeek, found: "5#2")),
        ("* * * * *\n", .notAValue(.dayOfWeek, found: "*\n")),
        ("1,,2 * * * *", .emptyItem(.minute)),
        (", * * * *", .emptyItem(.minute)),
        ("* 1, * * *", .emptyItem(.hour)),
        ("* 22-2 * * *", .backwards(.hour, found: "22-2")),
        ("* * * dec-jan *", .backwards(.month, found: "dec-jan")),
        ("* * * * fri-mon", .backwards(.dayOfWeek, found: "fri-mon")),
        ("* * * * 6-0", .backwards(.dayOfWeek, found: "6-0")),
        ("* * * * 7-1", .backwards(.dayOfWeek, found: "7-1")),
        ("*/0 * * * *", .zeroStep(.minute, found: "*/0")),
        ("* 1-5/00 * * *", .zeroStep(.hour, found: "1-5/00")),
        ("*/ * * * *", .notAStep(.minute, found: "*/")),
        ("*/x * * * *", .notAStep(.minute, found: "*/x")),
        ("*/-5 * * * *", .notAStep(.minute, found: "*/-5")),
        ("*/5/2 * * * *", .notAStep(.minute, found: "*/5/2")),
        ("*/61 * * * *", .stepTooLarge(.minute, found: "*/61")),
        ("* */25 * * *", .stepTooLarge(.hour, found: "*/25")),
        ("* * */32 * *", .stepTooLarge(.dayOfMonth, found: "*/32")),
        ("* * * 1/13 *", .stepTooLarge(.month, found: "1/13")),
        ("* * * * */8", .stepTooLarge(.dayOfWeek, found: "*/8")),
        ("0 0 30 2 *", .neverOccurs("0 0 30 2 *")),
        ("0 0 30,31 feb *", .neverOccurs("0 0 30,31 feb *")),
        ("0 0 31 4 *", .neverOccurs("0 0 31 4 *")),
        ("0 0 31 4,6,9,11 *", .neverOccurs("0 0 31 4,6,9,11 *")),
        ("* * 31 2 */2", .neverOccurs("* * 31 2 */2")),
        ("0 0 */30 2 5L", .neverOccurs("0 0 */30 2 5L")),
        (String(repeating: "1,", count: 97) + "1 * * * *", .tooLong(bytes: 203)),
    ]

    @Test(arguments: bad) func aBadExpressionIsRefusedWithItsCause(_ text: String, _ expected: CronError) {
        #expect(throws: expected) { try CronExpression(text) }
    }

    @Test func anExpressionOf200BytesIsRead() throws {
        let text = String(repeating: "1,", count: 95) + "11 * * * *"
        #expect(text.utf8.count == 200)
        #expect(try CronExpression(text).text == text)
    }

    @Test func anErrorNamesTheFieldWhatWasFoundAndWhatIsAllowed() {
        let error = CronError.outOfRange(.dayOfMonth, found: "32")
        #expect(error.description == #"day of month: "32" is out of range; allowed are 1-31 and L (the last day)"#)
    }

    @Test func anErrorEscapesControlCharacters() {
        #expect(CronError.notAValue(.minute, found: "\u{1b}[31m").description.contains(#"\u{1B}[31m"#))
    }

    @Test func everyErrorOfAFieldBeginsWithItsName() {
        for (_, error) in Self.bad {
            switch error {
            case .emptyItem(let field), .notAValue(let field, _), .outOfRange(let field, _), .backwards(let field, _),
                .notAStep(let field, _), .zeroStep(let field, _), .stepTooLarge(let field, _):
                #expect(error.description.hasPrefix(field.rawValue + ": "))
            default: continue
            }
        }
    }

    @Test(arguments: [
        "Europe/Vienna", "UTC", "GMT", "Etc/UTC", "Etc/GMT+5", "Asia/Calcutta", "Europe/Kyiv", "America/Nuuk",
        "America/Argentina/Ushuaia", "US/Eastern",
    ]) func anIdentifierOfTheDatabaseIsAZone(_ identifier: String) throws {
        #expect(try Zone(identifier).identifier == identifier)
    }

    @Test(arguments: [
        "CST", "PST", "EST", "IST", "CET", "EST5EDT", "GMT+5", "GMT+05:00", "UTC+5", "+05:00", "Cuba", "Zulu", "",
        "europe/vienna", "Europe/Wien", "Europe/Vienna ", "Europe/", "/", "SystemV/PST8", "../etc/localtime",
        "/usr/share/zoneinfo/UTC", "posix/Europe/Vienna", "Etc/Unknown", "GMT/5", "GMT+5/1", "Etc/GMT+99",
    ]) func anythingElseIsNoZone(_ identifier: String) {
        #expect(throws: CronError.unknownZone(identifier)) { try Zone(identifier) }
    }
}
