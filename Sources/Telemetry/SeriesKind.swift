internal import PrometheusText

/// The kind of a family of series. All series of one name have one kind.
enum SeriesKind: Sendable {
    case counter, gauge, timer, recorder

    var prometheus: MetricsText.Kind {
        switch self {
        case .counter: .counter
        case .gauge: .gauge
        case .timer, .recorder: .histogram
        }
    }

    /// Upper bounds of the buckets, ascending; one more bucket takes the rest. Empty for other kinds than histograms.
    var bounds: [Double] {
        switch self {
        case .counter, .gauge: []
        case .timer: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800]
        case .recorder: [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
        }
    }

    /// How many lines one series takes.
    var width: Int { bounds.isEmpty ? 1 : bounds.count + 3 }

    /// The names of a family's lines in the text.
    func names(of name: String) -> [String] {
        bounds.isEmpty ? [name] : [name, name + "_bucket", name + "_sum", name + "_count"]
    }
}
