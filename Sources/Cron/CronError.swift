/// Why a cron expression or a zone is refused. `description` is a sentence for the person who wrote it.
public enum CronError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A field of a cron expression; the raw value is its name.
    public enum Field: String, Sendable, CaseIterable {
        case minute, hour
        case dayOfMonth = "day of month"
        case month
        case dayOfWeek = "day of week"
    }

    /// Longer than `CronExpression.longest`.
    case tooLong(bytes: Int)
    case wrongNumberOfFields(Int)
    /// Six fields, as in dialects with seconds or years.
    case secondsField
    case reboot
    case unknownNickname(String)
    /// Nothing before or after a comma.
    case emptyItem(Field)
    /// Neither a number nor a name nor a form that the field has.
    case notAValue(Field, found: String)
    case outOfRange(Field, found: String)
    /// A range that ends before it starts.
    case backwards(Field, found: String)
    case notAStep(Field, found: String)
    case zeroStep(Field, found: String)
    /// A step of more values than the field has, which looks like an interval (`*/90` minutes) but is none.
    case stepTooLarge(Field, found: String)
    /// No year has such a day, such as 30 February.
    case neverOccurs(String)
    case unknownZone(String)

    public var description: String {
        switch self {
        case .tooLong(let bytes):
            return "the cron expression has \(bytes) bytes; at most \(CronExpression.longest) are allowed"
        case .wrongNumberOfFields(let count):
            return "the cron expression has \(count) field\(count == 1 ? "" : "s"); "
                + "write five: minute, hour, day of month, month, day of week"
        case .secondsField:
            return "the cron expression has 6 fields; there is no field for seconds or years: "
                + "write five (minute, hour, day of month, month, day of week); "
                + "for less than a minute use an interval"
        case .reboot:
            return "@reboot is not a time: a schedule outlives restarts, so nothing happens at one"
        case .unknownNickname(let found):
            return "\(Self.quoted(found)) is not known; allowed are \(CronExpression.nicknames)"
        case .emptyItem(let field):
            return "\(field.rawValue): there is nothing before or after a comma; allowed are \(field.allowed)"
        case .notAValue(let field, let found):
            return "\(field.rawValue): \(Self.quoted(found)) is not a value; allowed are \(field.allowed)"
        case .outOfRange(let field, let found):
            return "\(field.rawValue): \(Self.quoted(found)) is out of range; allowed are \(field.allowed)"
        case .backwards(let field, let found):
            return "\(field.rawValue): the range \(Self.quoted(found)) ends before it starts; "
                + "write it as two, to the field's end and from its start"
        case .notAStep(let field, let found):
            return "\(field.rawValue): the step of \(Self.quoted(found)) is not a number; "
                + "allowed are 1-\(field.mostSteps)"
        case .zeroStep(let field, let found):
            return "\(field.rawValue): the step of \(Self.quoted(found)) is 0; allowed are 1-\(field.mostSteps)"
        case .stepTooLarge(let field, let found):
            return "\(field.rawValue): the step of \(Self.quoted(found)) is larger than the field; "
                + "allowed are 1-\(field.mostSteps), and for longer times use an interval"
        case .neverOccurs(let text):
            return "\(Self.quoted(text)) never occurs, since no year has such a day; "
                + "change day of month, month or day of week"
        case .unknownZone(let identifier):
            return "\(Self.quoted(identifier)) is not a time zone that is known here; "
                + "write an IANA identifier such as Europe/Vienna or UTC (upper and lower case count)"
        }
    }

    /// What was found, with control characters escaped, cut to a length that fits a line.
    private static func quoted(_ found: String) -> String {
        found.count > 80 ? String(found.prefix(80)).debugDescription + "…" : found.debugDescription
    }
}

extension CronError.Field {
    /// The numbers that the field takes.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// The field's last value; 7 is only another number for Sunday, the first.
    var last: Int { self == .dayOfWeek ? 6 : range.upperBound }

    /// How many values the field has, which is the largest step.
    var mostSteps: Int { last - range.lowerBound + 1 }

    /// The three-letter names of its values, from the first on.
    var names: [Substring] {
        switch self {
        case .minute, .hour, .dayOfMonth: []
        case .month: "jan feb mar apr may jun jul aug sep oct nov dec".split(separator: " ")
        case .dayOfWeek: "sun mon tue wed thu fri sat".split(separator: " ")
        }
    }

    fileprivate var allowed: String {
        let numbers = "\(range.lowerBound)-\(range.upperBound)"
        switch self {
        case .minute, .hour: return numbers
        case .dayOfMonth: return numbers + " and L (the last day)"
        case .month: return numbers + " and jan-dec"
        case .dayOfWeek: return numbers + " (0 and 7 are Sunday), sun-sat, and these with L (5L: the last Friday)"
        }
    }
}
