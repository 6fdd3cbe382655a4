/// Name and labels of one series, in the alphabets that Prometheus has for them.
struct SeriesKey: Hashable, Sendable {
    struct Label: Hashable, Sendable {
        let name: String
        let value: String
    }

    let name: String
    /// By name, each once.
    let labels: [Label]

    /// Longer ones are cut, in characters.
    static let longest = 256

    init(_ label: String, _ dimensions: [(String, String)]) {
        let name = Self.plain(label, alsoAllowed: ":")
        self.name = name.hasPrefix("packhorse_") ? "handler_" + name : name
        var taken: Set<String> = []
        labels = dimensions.map { dimension in
            var name = Self.plain(dimension.0, alsoAllowed: "_")
            // Two underscores in front are Prometheus' own, `le` and `quantile` those of histograms and summaries.
            if name.hasPrefix("__") { name = "label" + name }
            while name == "le" || name == "quantile" || !taken.insert(name).inserted { name += "_" }
            return Label(name: name, value: String(dimension.1.prefix(Self.longest)))
        }.sorted { $0.name < $1.name }
    }

    /// Letters, digits and underscores of ASCII, no digit first.
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
