internal import Foundation
internal import PrometheusText
internal import Queue
internal import Synchronization

/// The worker's own metrics, apart from those of its handlers.
final class WorkerMetrics: Sendable {
    private let startedAt = Mutex<Date?>(nil)
    private let lapses = Atomic<Int>(0)

    func started() { startedAt.withLock { $0 = Date() } }

    private let refusals = Atomic<Int>(0)

    func refused(_ count: Int) { refusals.wrappingAdd(count, ordering: .relaxed) }

    func lapsed() { lapses.wrappingAdd(1, ordering: .relaxed) }

    /// Everything in Prometheus' text format 0.0.4.
    func text(of worker: Worker) -> String {
        var text = MetricsText()
        text.family("packhorse_worker_info", .gauge, "Version and concurrency of this worker.")
        text.sample(
            "packhorse_worker_info",
            ["version": Packhorse.version, "concurrency": "\(worker.options.concurrency)"], 1)
        text.single(
            "packhorse_worker_start_time_seconds", .gauge, "When this worker started, in seconds since 1970.",
            startedAt.withLock { $0 }?.timeIntervalSince1970 ?? 0)
        text.single("packhorse_jobs_running", .gauge, "Jobs that run now.", Double(worker.running))
        text.single(
            "packhorse_slots", .gauge, "Jobs that may run at once.", Double(worker.options.concurrency))
        text.single(
            "packhorse_worker_lease_lapses_total", .counter,
            "How often the lease lapsed and all jobs were cancelled.", Double(lapses.load(ordering: .relaxed)))
        text.single(
            "packhorse_outcomes_refused_total", .counter,
            "Outcomes that were not written because the job already ran elsewhere.",
            Double(refusals.load(ordering: .relaxed)))
        text.single("packhorse_worker_ready", .gauge, "1 if the lease holds and Redis answers.", worker.isReady ? 1 : 0)
        text.single("packhorse_worker_resident_bytes", .gauge, "Resident memory.", Double(Host.residentBytes))

        let handlers = worker.registry.handlers.values.sorted { $0.type < $1.type }
        text.family("packhorse_attempts_total", .counter, "Attempts by type and outcome.")
        for handler in handlers {
            for outcome in HandlerMetrics.Kind.allCases {
                text.sample(
                    "packhorse_attempts_total", ["type": handler.type, "outcome": "\(outcome)"],
                    Double(handler.metrics.value(outcome)))
            }
        }
        text.family("packhorse_attempt_seconds", .histogram, "How long attempts took, by type.")
        for handler in handlers {
            text.samples("packhorse_attempt_seconds", ("type", handler.type), of: handler.metrics.times)
        }
        return text.text
    }
}

extension Worker {
    /// This worker's metrics in Prometheus' text format 0.0.4.
    public var metricsText: String { metrics.text(of: self) }
}
