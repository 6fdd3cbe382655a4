/// One measured quantity, printed as one line of JSON. Benchmarks and chaos runs write nothing else to standard output.
public struct Figure: Sendable {
    /// Stable, so that values can be compared over time.
    public let name: String
    /// The median of `runs` values; nil if it could not be measured.
    public let value: Double?
    public let unit: String
    public let wanted: Wanted?
    /// What was measured in the same run for comparison, in the figure's unit unless its name says otherwise.
    public let beside: [(name: String, value: Double?)]
    /// The smallest and the largest value.
    public let spread: (least: Double, most: Double)?
    public let runs: Int
    public let command: String

    /// - Parameters:
    ///   - values: one per run.
    ///   - command: the command that repeats the measurement.
    public init(
        _ name: String, _ values: [Double], unit: String, wanted: Wanted? = nil,
        beside: [(name: String, value: Double?)] = [], command: String
    ) {
        self.name = name
        value = values.median
        self.unit = unit
        self.wanted = wanted
        self.beside = beside
        if let least = values.min(), let most = values.max() { spread = (least, most) } else { spread = nil }
        runs = values.count
        self.command = command
    }

    /// False if a target is set and missed; a figure without a value has missed its target.
    public var isGood: Bool { wanted.map { wanted in value.map(wanted.holds) ?? false } ?? true }

    /// The line, with keys in a fixed order.
    public var json: String {
        let beside = beside.map { "\(Self.quoted($0.name)):\(Self.number($0.value))" }.joined(separator: ",")
        let fields = [
            ("figure", Self.quoted(name)), ("value", Self.number(value)), ("unit", Self.quoted(unit)),
            ("wanted", wanted.map { Self.quoted($0.description) } ?? "null"),
            ("ok", wanted == nil ? "null" : "\(isGood)"), ("beside", "{\(beside)}"),
            ("spread", spread.map { "[\(Self.number($0.least)),\(Self.number($0.most))]" } ?? "null"),
            ("runs", "\(runs)"), ("command", Self.quoted(command)),
        ]
        return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    /// Whole numbers from 100 on, three significant digits below; more would be noise.
    static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "null" }
        let steps: Double =
            switch abs(value) {
            case 100...: 1
            case 10...: 10
            case 1...: 100
            default: 1000
            }
        let rounded = (value * steps).rounded() / steps
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\\(scalar)"
            case "\u{0}"..<" ": out += " "
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

/// The target of a figure.
public enum Wanted: Sendable, CustomStringConvertible {
    case atLeast(Double)
    case atMost(Double)
    case below(Double)
    case exactly(Double)

    public func holds(_ value: Double) -> Bool {
        switch self {
        case .atLeast(let bound): value >= bound
        case .atMost(let bound): value <= bound
        case .below(let bound): value < bound
        case .exactly(let bound): value == bound
        }
    }

    public var description: String {
        switch self {
        case .atLeast(let bound): ">= \(Figure.number(bound))"
        case .atMost(let bound): "<= \(Figure.number(bound))"
        case .below(let bound): "< \(Figure.number(bound))"
        case .exactly(let bound): "== \(Figure.number(bound))"
        }
    }
}
