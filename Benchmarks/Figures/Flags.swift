/// Command line words, taken one by one; what is left at the end is a mistake.
public struct Flags {
    public let all: [String]
    private var rest: [String]

    public init(_ words: ArraySlice<String>) {
        all = Array(words)
        rest = all
    }

    /// - Returns: whether the flag is there.
    public mutating func take(_ flag: String) -> Bool {
        guard let i = rest.firstIndex(of: flag) else { return false }
        rest.remove(at: i)
        return true
    }

    /// The word behind the flag, nil if the flag is not there.
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

    /// The words without a flag.
    public mutating func words() throws(UsageError) -> [String] {
        if let flag = rest.first(where: { $0.hasPrefix("-") }) { throw UsageError("what is \(flag)?") }
        defer { rest = [] }
        return rest
    }

    /// Nothing may be left.
    public func end() throws(UsageError) {
        if let word = rest.first { throw UsageError("what is \(word)?") }
    }
}

/// The command line is wrong.
public struct UsageError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
