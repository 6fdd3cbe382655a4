internal import PrometheusText
internal import Queue
internal import Synchronization

/// Metrics of one job type in this process.
final class HandlerMetrics: Sendable {
    /// Attempts by outcome, in the order of `Kind`.
    private let counts: [Count] = Kind.allCases.map { _ in Count() }
    let times = Histogram(bounds: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800])

    enum Kind: Int, CaseIterable {
        case succeeded, failed, dead, snoozed, cancelled, released, awaiting
    }

    private final class Count: Sendable {
        let value = Atomic<Int>(0)
    }

    func ended(_ outcome: Outcome, after duration: Duration) {
        times.record(duration)
        switch outcome {
        case .succeeded: add(.succeeded)
        case .failed: add(.failed)
        case .dead: add(.dead)
        case .snoozed: add(.snoozed)
        case .cancelled: add(.cancelled)
        case .released: add(.released)
        case .awaiting: add(.awaiting)
        case .unclaimed: break
        }
    }

    func value(_ outcome: Kind) -> Int { counts[outcome.rawValue].value.load(ordering: .relaxed) }

    private func add(_ outcome: Kind) { counts[outcome.rawValue].value.wrappingAdd(1, ordering: .relaxed) }
}
