/// Prometheus' text format, version 0.0.4.
package struct MetricsText {
    /// Label names and their values, in output order.
    package typealias Labels = KeyValuePairs<String, String>

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package enum Kind: String { case counter, gauge, histogram }

    package private(set) var text = ""

    package init() {}

    /// Writes the help and type lines of a family; call it before the family's samples.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Writes one sample of a family.
    package mutating func sample(_ name: String, _ labels: Labels, _ value: Double) {
        write(name, labels.map { ($0.key, $0.value) }, value)
    }

    /// The same with labels that are known only when it runs; names must be valid ones.
    package mutating func sample(_ name: String, labels: [(name: String, value: String)], _ value: Double) {
        write(name, labels, value)
    }

    /// Writes a family with one sample.
    package mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        family(name, kind, help)
        write(name, [], value)
    }

    /// Writes the gauge of concerns about the Redis server: 1 for each name that was found, 0 for the others.
    package mutating func concerns(_ found: [String], of names: [String]) {
        family("packhorse_redis_concern", .gauge, "1 if this property of the Redis server endangers jobs.")
        for name in names { sample("packhorse_redis_concern", ["concern": name], found.contains(name) ? 1 : 0) }
    }

    /// Writes the buckets, sum and count of a histogram.
    package mutating func samples(_ name: String, _ label: (name: String, value: String), of histogram: Histogram) {
        let counts = histogram.cumulative
        for (bound, count) in zip(histogram.bounds.map { "\($0)" } + ["+Inf"], counts) {
            write(name + "_bucket", [label, ("le", bound)], Double(count))
        }
        write(name + "_sum", [label], histogram.seconds)
        write(name + "_count", [label], Double(counts.last ?? 0))
    }

    private mutating func write(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
        }
        text += " \(Self.number(value))\n"
    }

    /// In the form that Go's parser, which Prometheus uses, reads.
    package static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.rounded() == value && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        var out = String.UnicodeScalarView()
        // Scalars and not characters: a quote followed by a combining accent is one character, and so is a line end of
        // two bytes.
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
            case "\"": out.append(contentsOf: "\\\"".unicodeScalars)
            case "\n": out.append(contentsOf: "\\n".unicodeScalars)
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
