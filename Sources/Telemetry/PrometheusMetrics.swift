public import CoreMetrics
internal import PrometheusText
internal import Synchronization

/// A backend of swift-metrics that stores the metrics of handlers and writes them in Prometheus' format.
///
/// ```swift
/// let metrics = PrometheusMetrics()
/// MetricsSystem.bootstrap(metrics)
/// // in a handler:
/// Counter(label: "scans", dimensions: [("paper", "a4")]).increment()
/// ```
/// `WorkerMain` does this, and serves `text` at `/metrics`.
///
/// | of swift-metrics | of Prometheus |
/// |---|---|
/// | `Counter`, `FloatingPointCounter` | counter |
/// | `Gauge`, `Meter` | gauge |
/// | `Timer` | histogram, in seconds, up to 1 ms and from there to 1,800 s |
/// | `Recorder` | histogram, up to 0.001 and from there in powers of ten to 1,000,000 |
///
/// A label becomes the metric's name, and a dimension becomes a label of it. Characters that Prometheus does not allow
/// become `_`. A name that begins with `packhorse_`, the prefix of the worker's own metrics, gets the prefix
/// `handler_`. The same label with the same dimensions is the same series, however often it is made.
public final class PrometheusMetrics: MetricsFactory {
    /// The maximum number of series; each bucket of a histogram is one, and so are its sum and its count.
    public let seriesLimit: Int
    private let state = Mutex(SeriesTable())

    /// - Parameter seriesLimit: 1 or more. A metric above this limit, or with the name of a metric of another kind, is
    ///   counted in `packhorse_metrics_series_refused_total` and not kept; the handler gets no error.
    public init(seriesLimit: Int = 10_000) {
        precondition(seriesLimit >= 1, "metrics need a series")
        self.seriesLimit = seriesLimit
    }

    /// All series in Prometheus' text format 0.0.4, families and series in alphabetical order; at the end, the count of
    /// refused series.
    public var text: String {
        let table = state.withLock { $0 }
        var text = MetricsText()
        table.write(to: &text)
        return text.text
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let kept: (any CounterHandler)? = series(label, dimensions, .counter) { CounterSeries($0) }
        return kept ?? NOOPMetricsHandler.instance
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let kept: (any FloatingPointCounterHandler)? = series(label, dimensions, .counter) { CounterSeries($0) }
        return kept ?? NOOPMetricsHandler.instance
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let kept: (any MeterHandler)? = series(label, dimensions, .gauge) { GaugeSeries($0) }
        return kept ?? NOOPMetricsHandler.instance
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let kept: (any RecorderHandler)?
        if aggregate {
            kept = series(label, dimensions, .recorder) { HistogramSeries($0, .recorder) }
        } else {
            kept = series(label, dimensions, .gauge) { GaugeSeries($0) }
        }
        return kept ?? NOOPMetricsHandler.instance
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let kept: (any TimerHandler)? = series(label, dimensions, .timer) { HistogramSeries($0, .timer) }
        return kept ?? NOOPMetricsHandler.instance
    }

    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    private func series<S: MetricSeries>(
        _ label: String, _ dimensions: [(String, String)], _ kind: SeriesKind, make: (SeriesKey) -> S
    ) -> S? {
        let key = SeriesKey(label, dimensions)
        return state.withLock { $0.series(key, kind, limit: seriesLimit, make: make) }
    }

    private func forget(_ handler: AnyObject) {
        guard let series = handler as? any MetricSeries else { return }
        state.withLock { $0.remove(series) }
    }
}
