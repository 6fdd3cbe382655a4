import CoreMetrics
import Enqueue
import Queue
import Servers
import Telemetry
import TestSupport
import Testing
import Worker

/// A process has one backend.
private let shared: PrometheusMetrics = {
    let metrics = PrometheusMetrics()
    MetricsSystem.bootstrap(metrics)
    return metrics
}()

@Suite(.timeLimit(.minutes(3))) struct MetricsTests {
    private func lines(_ metrics: PrometheusMetrics) -> [Substring] {
        metrics.text.split(separator: "\n").filter { !$0.hasPrefix("# HELP") }
    }

    private func refused(_ metrics: PrometheusMetrics) -> Substring? {
        lines(metrics).first { $0.hasPrefix("packhorse_metrics_series_refused_total ") }
    }

    @Test(.redis) func whatAHandlerCountsIsInTheText() async throws {
        let metrics = shared
        try await withWorker {
            Handler(raw: "test.counts") { _, context in
                Counter(label: "demo.pages", dimensions: [("paper", "a4")]).increment(by: context.attempt + 2)
                return .null
            }
        } body: { enqueue in
            for _ in 0..<2 {
                let id = try await enqueue.add(job("test.counts")).id
                _ = try await enqueue.wait(for: id, timeout: .seconds(20))
            }
            #expect(lines(metrics).contains("# TYPE demo_pages counter"))
            #expect(lines(metrics).contains(#"demo_pages{paper="a4"} 6"#))
        }
    }

    @Test func eachKindHasItsForm() {
        let metrics = PrometheusMetrics()
        Counter(label: "a", factory: metrics).increment(by: 2)
        FloatingPointCounter(label: "b", factory: metrics).increment(by: 0.5)
        Gauge(label: "c", factory: metrics).record(2.5)
        let meter = Meter(label: "d", factory: metrics)
        meter.set(5)
        meter.decrement(by: 2.0)
        let timer = CoreMetrics.Timer(label: "e", factory: metrics)
        timer.recordMilliseconds(3)
        timer.recordSeconds(4000)
        Recorder(label: "f", factory: metrics).record(7)
        let lines = lines(metrics)
        #expect(
            lines.prefix(9) == [
                "# TYPE a counter", "a 2", "# TYPE b counter", "b 0.5", "# TYPE c gauge", "c 2.5", "# TYPE d gauge",
                "d 3",
                "# TYPE e histogram",
            ])
        #expect(lines.contains(#"e_bucket{le="0.001"} 0"#))
        #expect(lines.contains(#"e_bucket{le="0.005"} 1"#))
        #expect(lines.contains(#"e_bucket{le="1800"} 1"#))
        #expect(lines.contains(#"e_bucket{le="+Inf"} 2"#))
        #expect(lines.contains("e_sum 4000.003"))
        #expect(lines.contains("e_count 2"))
        #expect(lines.contains(#"f_bucket{le="1"} 0"#))
        #expect(lines.contains(#"f_bucket{le="10"} 1"#))
        #expect(lines.contains("f_sum 7"))
        #expect(refused(metrics) == "packhorse_metrics_series_refused_total 0")
    }

    @Test func theSameDimensionsInAnyOrderAreTheSameSeries() {
        let metrics = PrometheusMetrics()
        Counter(label: "a", dimensions: [("x", "1"), ("y", "2")], factory: metrics).increment()
        Counter(label: "a", dimensions: [("y", "2"), ("x", "1")], factory: metrics).increment()
        #expect(lines(metrics).contains(#"a{x="1",y="2"} 2"#))
    }

    @Test func aCounterNeverGoesDownAndNothingIsPoisoned() {
        let metrics = PrometheusMetrics()
        let counter = FloatingPointCounter(label: "a", factory: metrics)
        let meter = Meter(label: "b", factory: metrics)
        for wrong in [-1.0, Double.nan, Double.infinity] { counter.increment(by: wrong) }
        for wrong in [Double.nan, Double.infinity] { meter.increment(by: wrong) }
        counter.increment(by: 1.5)
        meter.increment(by: 1.5)
        #expect(lines(metrics).contains("a 1.5"))
        #expect(lines(metrics).contains("b 1.5"))
    }

    @Test func whatGoesBeyondTheLimitIsCountedAndNotKept() {
        let metrics = PrometheusMetrics(seriesLimit: 3)
        for i in 0..<5 { Counter(label: "a", dimensions: [("i", "\(i)")], factory: metrics).increment() }
        // One that is there already needs no place.
        Counter(label: "a", dimensions: [("i", "0")], factory: metrics).increment()
        let kept = lines(metrics).filter { $0.hasPrefix("a{") }
        #expect(kept == [#"a{i="0"} 2"#, #"a{i="1"} 1"#, #"a{i="2"} 1"#])
        #expect(refused(metrics) == "packhorse_metrics_series_refused_total 2")
    }

    @Test func aHistogramTakesAPlaceForEachOfItsLines() {
        let metrics = PrometheusMetrics(seriesLimit: 14)
        _ = CoreMetrics.Timer(label: "a", factory: metrics)
        #expect(refused(metrics) == "packhorse_metrics_series_refused_total 0")
        #expect(lines(metrics).filter { $0.hasPrefix("a_") }.count == 14)
        _ = Counter(label: "b", factory: metrics)
        #expect(refused(metrics) == "packhorse_metrics_series_refused_total 1")
    }

    @Test func whatIsDestroyedGivesItsPlaceBack() {
        let metrics = PrometheusMetrics(seriesLimit: 1)
        let first = Counter(label: "a", factory: metrics)
        first.increment()
        first.destroy()
        first.destroy()
        Gauge(label: "a", factory: metrics).record(4)
        #expect(lines(metrics).prefix(2) == ["# TYPE a gauge", "a 4"])
        #expect(refused(metrics) == "packhorse_metrics_series_refused_total 0")
    }

    @Test(arguments: ["a", "a_sum", "a_count", "a_bucket"])
    func aNameIsOfOneKind(name: String) {
        let metrics = PrometheusMetrics()
        _ = Recorder(label: "a", factory: metrics)
        Counter(label: name, factory: metrics).increment(by: 77)
        #expect(refused(metrics) == "packhorse_metrics_series_refused_total 1")
        #expect(!metrics.text.contains("77"))
    }

    @Test(arguments: [
        ("ocr.pages", "ocr_pages"), ("7up", "_7up"), ("größe", "gr__e"), ("", "_"), ("a:b", "a:b"),
        ("packhorse_slots", "handler_packhorse_slots"), ("packhorse.slots", "handler_packhorse_slots"),
    ])
    func namesAreMadeValid(label: String, name: String) {
        let metrics = PrometheusMetrics()
        Counter(label: label, factory: metrics).increment()
        #expect(lines(metrics).contains("\(name) 1"))
    }

    @Test(arguments: [
        ("a.b", "a_b"), ("a:b", "a_b"), ("le", "le_"), ("quantile", "quantile_"), ("__name__", "label__name__"),
    ])
    func labelsAreMadeValid(dimension: String, name: String) {
        let metrics = PrometheusMetrics()
        Counter(label: "x", dimensions: [(dimension, "1")], factory: metrics).increment()
        #expect(lines(metrics).contains("x{\(name)=\"1\"} 1"))
    }

    @Test func labelsThatBecomeTheSameAreToldApart() {
        let metrics = PrometheusMetrics()
        Counter(label: "x", dimensions: [("a.b", "1"), ("a_b", "2")], factory: metrics).increment()
        #expect(lines(metrics).contains(#"x{a_b="1",a_b_="2"} 1"#))
    }

    /// A quote with an accent behind it is one character, and so is a line end of Windows.
    @Test func noValueLeavesItsQuotes() {
        let metrics = PrometheusMetrics()
        Counter(label: "x", dimensions: [("a", "1\"\u{301}\\\r\n2")], factory: metrics).increment()
        #expect(metrics.text.contains("x{a=\"1\\\"\u{301}\\\\\r\\n2\"} 1\n"))
    }
}
