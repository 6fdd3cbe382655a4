/// One field of a cron expression, read.
struct CronField {
    /// Bit n stands for the value n; Sunday is 0.
    private(set) var values: UInt64 = 0
    /// Days of week of which only the month's last counts.
    private(set) var lastValues: UInt64 = 0
    /// Whether the month's last day is in it.
    private(set) var hasLast = false
    let beginsWithStar: Bool
    private let field: CronError.Field

    init(_ field: CronError.Field, _ text: Substring) throws(CronError) {
        self.field = field
        beginsWithStar = text.hasPrefix("*")
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !item.isEmpty else { throw .emptyItem(field) }
            try add(item)
        }
    }

    private mutating func add(_ item: Substring) throws(CronError) {
        if item.last == "L" || item.last == "l", try addLast(item) { return }
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let bounds = try bounds(parts[0], of: item, hasStep: parts.count == 2)
        let step = parts.count == 2 ? try step(parts[1], of: item) : 1
        for value in stride(from: bounds.lowerBound, through: bounds.upperBound, by: step) {
            values |= 1 << UInt64(field == .dayOfWeek ? value % 7 : value)
        }
    }

    /// `L`, or a day of week with `L`. False if the field has no such form, or the `L` belongs to a name.
    private mutating func addLast(_ item: Substring) throws(CronError) -> Bool {
        let day = item.dropLast()
        switch field {
        case .dayOfMonth where day.isEmpty:
            hasLast = true
            return true
        case .dayOfWeek where !day.isEmpty:
            lastValues |= 1 << UInt64(try value(day, of: item) % 7)
            return true
        default:
            return false
        }
    }

    private func bounds(_ text: Substring, of item: Substring, hasStep: Bool) throws(CronError) -> ClosedRange<Int> {
        if text == "*" { return field.range.lowerBound...field.last }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(ends[0], of: item)
        guard ends.count == 2 else {
            // Every nth from Sunday on starts with the week, whichever of its numbers is written.
            let start = hasStep && first > field.last ? field.range.lowerBound : first
            return start...(hasStep ? field.last : start)
        }
        var last = try value(ends[1], of: item)
        if field == .dayOfWeek, ends[1].lowercased() == "sun", ends[0].lowercased() != "sun" { last = 7 }
        guard first <= last else { throw .backwards(field, found: String(item)) }
        return first...last
    }

    private func value(_ text: Substring, of item: Substring) throws(CronError) -> Int {
        let name = Substring(text.lowercased())
        if let index = field.names.firstIndex(of: name) { return field.range.lowerBound + index }
        guard let value = Self.number(text) else { throw .notAValue(field, found: String(item)) }
        guard field.range.contains(value) else { throw .outOfRange(field, found: String(item)) }
        return value
    }

    private func step(_ text: Substring, of item: Substring) throws(CronError) -> Int {
        guard let step = Self.number(text) else { throw .notAStep(field, found: String(item)) }
        guard step > 0 else { throw .zeroStep(field, found: String(item)) }
        guard step <= field.mostSteps else { throw .stepTooLarge(field, found: String(item)) }
        return step
    }

    /// Digits only: `Int` would take a sign as well. A number that doesn't fit is larger than every field allows.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text) ?? .max
    }
}
