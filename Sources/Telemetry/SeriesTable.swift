internal import PrometheusText

/// All series by name and labels.
struct SeriesTable: Sendable {
    private struct Family: Sendable {
        let kind: SeriesKind
        var series: [[SeriesKey.Label]: any MetricSeries] = [:]
    }

    private var families: [String: Family] = [:]
    /// The names in the text: a family must not have a name that another family's lines use.
    private var names: Set<String> = []
    private var width = 0
    private var refused = 0

    /// The existing series, or a new one; nil if it is refused, which is counted.
    mutating func series<S: MetricSeries>(
        _ key: SeriesKey, _ kind: SeriesKind, limit: Int, make: (SeriesKey) -> S
    ) -> S? {
        let known = families[key.name]?.kind
        if known == kind, let series = families[key.name]?.series[key.labels] { return series as? S }
        let fits = known == kind || known == nil && names.isDisjoint(with: kind.names(of: key.name))
        guard fits, width + kind.width <= limit else {
            refused += 1
            return nil
        }
        let series = make(key)
        families[key.name, default: Family(kind: kind)].series[key.labels] = series
        names.formUnion(kind.names(of: key.name))
        width += kind.width
        return series
    }

    /// Does nothing if it was already removed.
    mutating func remove(_ series: any MetricSeries) {
        let key = series.key
        guard let kind = families[key.name]?.kind, families[key.name]?.series[key.labels] === series else { return }
        families[key.name]?.series[key.labels] = nil
        width -= kind.width
        guard families[key.name]?.series.isEmpty == true else { return }
        families[key.name] = nil
        names.subtract(kind.names(of: key.name))
    }

    func write(to text: inout MetricsText) {
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.family(name, family.kind.prometheus, "Recorded by handlers.")
            let ordered = family.series.values.sorted { one, other in
                one.key.labels.lexicographicallyPrecedes(other.key.labels) { ($0.name, $0.value) < ($1.name, $1.value) }
            }
            for series in ordered { series.write(to: &text) }
        }
        text.single(
            "packhorse_metrics_series_refused_total", .counter,
            "How often a handler's metric was not kept: too many series, or its name is one of another kind.",
            Double(refused))
    }
}
