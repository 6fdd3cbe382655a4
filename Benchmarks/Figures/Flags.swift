/// Command line words, taken one by one; words that are left at the end are an error.
public struct Flags {
    public let all: [String]
    private var rest: [String]

    public init(_ words: ArraySlice<String>) {
        all = Array(words)
        rest = all
    }

    /// - Returns: whether the flag is present.
    public mutating func take(_ flag: String) -> Bool {
        guard let i = rest.firstIndex(of: flag) else { return false }
        rest.remove(at: i)
        return true
    }

    /// The word after the flag; nil without the flag.
    public mutating func value(_ flag: String) throws(UsageError) -> String? {
        guard let i = rest.firstIndex(of: flag) else { return nil }
        guard rest.indices.contains(i + 1) else { throw UsageError("\(flag) needs a value") }
        let value = rest[i + 1]
        rest.removeSubrange(i...i + 1)
        return value
    }

    public mutating func required(_ flag: String) throws(UsageError) -> String {
        guard let value = try value(flag) else { throw UsageError("\(flag) is missing") }
        return value
    }

    public mutating func number(_ flag: String, _ range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = try value(flag) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("\(flag) \(text): use \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The remaining words; none of them may be a flag.
    public mutating func words() throws(UsageError) -> [String] {
        if let flag = rest.first(where: { $0.hasPrefix("-") }) { throw UsageError("unknown option \(flag)") }
        defer { rest = [] }
        return rest
    }

    /// - Throws: `UsageError` if words are left.
    public func end() throws(UsageError) {
        if let word = rest.first { throw UsageError("unexpected argument \(word)") }
    }
}

/// The command line is wrong.
public struct UsageError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
