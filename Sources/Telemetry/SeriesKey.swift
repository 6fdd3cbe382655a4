/// Name and labels of one series, with the characters that Prometheus allows.
struct SeriesKey: Hashable, Sendable {
    struct Label: Hashable, Sendable {
        let name: String
        let value: String
    }

    let name: String
    /// Sorted by name, each name once.
    let labels: [Label]

    /// The maximum length in characters; longer values are cut.
    static let longest = 256

    init(_ label: String, _ dimensions: [(String, String)]) {
        let name = Self.plain(label, alsoAllowed: ":")
        self.name = name.hasPrefix("packhorse_") ? "handler_" + name : name
        var taken: Set<String> = []
        labels = dimensions.map { dimension in
            var name = Self.plain(dimension.0, alsoAllowed: "_")
            // Names that begin with two underscores are Prometheus' own; `le` and `quantile` belong to histograms and
            // summaries.
            if name.hasPrefix("__") { name = "label" + name }
            while name == "le" || name == "quantile" || !taken.insert(name).inserted { name += "_" }
            return Label(name: name, value: String(dimension.1.prefix(Self.longest)))
        }.sorted { $0.name < $1.name }
    }

    /// ASCII letters, digits and underscores, not beginning with a digit.
    private static func plain(_ text: String, alsoAllowed more: Unicode.Scalar) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.prefix(longest).unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_", more: out.append(scalar)
            case "0"..."9":
                if out.isEmpty { out.append("_") }
                out.append(scalar)
            default: out.append("_")
            }
        }
        return out.isEmpty ? "_" : String(out)
    }
}
