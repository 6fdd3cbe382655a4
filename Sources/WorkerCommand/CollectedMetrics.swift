internal import CoreMetrics
internal import Telemetry

/// The swift-metrics metrics of handlers.
enum CollectedMetrics {
    /// Collects them from now on for `text`, unless the program has already bootstrapped a backend.
    static func collect() {
        guard MetricsSystem.factory is NOOPMetricsHandler else { return }
        MetricsSystem.bootstrap(PrometheusMetrics())
    }

    /// In Prometheus' text format 0.0.4; empty if there is another backend or none.
    static var text: String { (MetricsSystem.factory as? PrometheusMetrics)?.text ?? "" }
}
