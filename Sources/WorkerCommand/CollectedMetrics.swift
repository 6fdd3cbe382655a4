internal import CoreMetrics
internal import Telemetry

/// What handlers count by swift-metrics.
enum CollectedMetrics {
    /// From now on it is kept for `text`, unless the program has chosen a backend of its own before.
    static func collect() {
        guard MetricsSystem.factory is NOOPMetricsHandler else { return }
        MetricsSystem.bootstrap(PrometheusMetrics())
    }

    /// In Prometheus' text format 0.0.4; empty when another backend has it, or none.
    static var text: String { (MetricsSystem.factory as? PrometheusMetrics)?.text ?? "" }
}
