internal import CoreMetrics
internal import PrometheusText
internal import Synchronization

/// The stored values of one metric with one set of labels. Any thread may record at any time.
protocol MetricSeries: AnyObject, Sendable {
    var key: SeriesKey { get }
    /// Writes its lines, without the header lines of the family.
    func write(to text: inout MetricsText)
}

extension SeriesKey {
    /// In the form that the writer takes.
    var pairs: [(name: String, value: String)] { labels.map { ($0.name, $0.value) } }
}

/// Only increases, until it is reset.
final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    let key: SeriesKey
    private let value = Mutex(0.0)

    init(_ key: SeriesKey) { self.key = key }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    /// Ignores a value that is not a number above 0.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.withLock { $0 += amount }
    }

    func reset() { value.withLock { $0 = 0 } }

    func write(to text: inout MetricsText) {
        text.sample(key.name, labels: key.pairs, value.withLock { $0 })
    }
}

/// The last value.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    let key: SeriesKey
    private let value = Mutex(0.0)

    init(_ key: SeriesKey) { self.key = key }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func decrement(by amount: Double) { increment(by: -amount) }

    /// Ignores NaN: the sum would stay NaN.
    func increment(by amount: Double) {
        guard amount.isFinite else { return }
        value.withLock { $0 += amount }
    }

    func write(to text: inout MetricsText) {
        text.sample(key.name, labels: key.pairs, value.withLock { $0 })
    }
}

/// How many values fell into each bucket.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct Counts {
        var classes: [Int]
        var sum = 0.0
    }

    let key: SeriesKey
    private let bounds: [Double]
    private let counts: Mutex<Counts>

    init(_ key: SeriesKey, _ kind: SeriesKind) {
        self.key = key
        bounds = kind.bounds
        counts = Mutex(Counts(classes: Array(repeating: 0, count: kind.bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    /// Ignores NaN.
    func record(_ value: Double) {
        guard value.isFinite else { return }
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts.withLock { counts in
            counts.classes[place] += 1
            counts.sum += value
        }
    }

    func write(to text: inout MetricsText) {
        let counts = counts.withLock { $0 }
        var total = 0
        for (bound, count) in zip(bounds + [.infinity], counts.classes) {
            total += count
            text.sample(
                key.name + "_bucket", labels: key.pairs + [(name: "le", value: MetricsText.number(bound))],
                Double(total))
        }
        text.sample(key.name + "_sum", labels: key.pairs, counts.sum)
        text.sample(key.name + "_count", labels: key.pairs, Double(total))
    }
}
