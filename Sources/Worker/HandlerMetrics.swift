internal import PrometheusText
internal import Queue
internal import Synchronization

/// Counts of one job type in this process.
final class HandlerMetrics: Sendable {
    /// Attempts by what became of them, in the order of `Ending`.
    private let endings: [Count] = Ending.allCases.map { _ in Count() }
    let times = Histogram(bounds: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800])

    enum Ending: Int, CaseIterable {
        case succeeded, failed, dead, postponed, cancelled, released
    }

    private final class Count: Sendable {
        let value = Atomic<Int>(0)
    }

    func ended(_ outcome: Settlement, after duration: Duration) {
        times.record(duration)
        switch outcome {
        case .succeeded: add(.succeeded)
        case .failed: add(.failed)
        case .dead: add(.dead)
        case .postponed: add(.postponed)
        case .cancelled: add(.cancelled)
        case .released: add(.released)
        case .unclaimed: break
        }
    }

    func value(_ ending: Ending) -> Int { endings[ending.rawValue].value.load(ordering: .relaxed) }

    private func add(_ ending: Ending) { endings[ending.rawValue].value.wrappingAdd(1, ordering: .relaxed) }
}
