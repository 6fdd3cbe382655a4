internal import Foundation
internal import Queue
internal import Synchronization

/// What a worker counts beside its handlers' own metrics.
final class WorkerMetrics: Sendable {
    private let startedAt = Mutex<Date?>(nil)
    private let lapses = Atomic<Int>(0)

    func started() { startedAt.withLock { $0 = Date() } }

    private let refusals = Atomic<Int>(0)

    func refused(_ count: Int) { refusals.wrappingAdd(count, ordering: .relaxed) }

    func lapsed() { lapses.wrappingAdd(1, ordering: .relaxed) }

    /// Everything in Prometheus' text format 0.0.4.
    func text(of worker: Worker) -> String {
        var out = ""
        func family(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            out += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            for sample in samples { out += "\(name)\(sample.labels) \(sample.value)\n" }
        }
        let handlers = worker.registry.handlers.values.sorted { $0.type < $1.type }
        family(
            "packhorse_worker_info", "gauge", "Version and concurrency of this worker.",
            [("{version=\"\(Packhorse.version)\",concurrency=\"\(worker.options.concurrency)\"}", "1")])
        family(
            "packhorse_worker_start_time_seconds", "gauge", "When this worker started, in seconds since 1970.",
            [("", "\(startedAt.withLock { $0 }?.timeIntervalSince1970 ?? 0)")])
        family("packhorse_jobs_running", "gauge", "Jobs that run now.", [("", "\(worker.running)")])
        family(
            "packhorse_slots", "gauge", "Jobs that may run at once.", [("", "\(worker.options.concurrency)")])
        family(
            "packhorse_worker_lease_lapses_total", "counter",
            "Times that the lease lapsed and all jobs were cancelled.",
            [("", "\(lapses.load(ordering: .relaxed))")])
        family(
            "packhorse_outcomes_refused_total", "counter",
            "Outcomes that were not written: the job ran elsewhere by then.",
            [("", "\(refusals.load(ordering: .relaxed))")])
        family(
            "packhorse_worker_ready", "gauge", "1 while the lease is good.", [("", worker.isReady ? "1" : "0")])
        family(
            "packhorse_worker_resident_bytes", "gauge", "Resident memory.", [("", "\(Host.residentBytes)")])
        family(
            "packhorse_attempts_total", "counter", "Attempts by type and by what became of them.",
            handlers.flatMap { handler in
                HandlerMetrics.Ending.allCases.map {
                    ("{type=\"\(handler.type)\",ending=\"\($0)\"}", "\(handler.metrics.value($0))")
                }
            })
        out += "# HELP packhorse_attempt_seconds How long attempts took, by type.\n"
        out += "# TYPE packhorse_attempt_seconds histogram\n"
        for handler in handlers {
            let counts = handler.metrics.cumulative
            let bounds = HandlerMetrics.bounds.map { "\($0)" } + ["+Inf"]
            for (bound, count) in zip(bounds, counts) {
                out += "packhorse_attempt_seconds_bucket{type=\"\(handler.type)\",le=\"\(bound)\"} \(count)\n"
            }
            let seconds = Double(handler.metrics.nanoseconds.load(ordering: .relaxed)) / 1e9
            out += "packhorse_attempt_seconds_sum{type=\"\(handler.type)\"} \(seconds)\n"
            out += "packhorse_attempt_seconds_count{type=\"\(handler.type)\"} \(counts.last ?? 0)\n"
        }
        return out
    }
}

extension Worker {
    /// This worker's metrics in Prometheus' text format 0.0.4.
    public var metricsText: String { metrics.text(of: self) }
}
