internal import Queue
internal import Synchronization

/// Counts of one job type in this process.
final class HandlerMetrics: Sendable {
    /// Upper bounds of the histogram's buckets in seconds; one more takes the rest.
    static let bounds: [Double] = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800]

    /// Attempts by what became of them, in the order of `Ending`.
    private let endings: [Count] = Ending.allCases.map { _ in Count() }
    let nanoseconds = Atomic<Int>(0)
    private let buckets: [Count] = (0...bounds.count).map { _ in Count() }

    enum Ending: Int, CaseIterable {
        case succeeded, failed, dead, postponed, cancelled, released
    }

    private final class Count: Sendable {
        let value = Atomic<Int>(0)
    }

    func ended(_ outcome: Settlement, after duration: Duration) {
        took(duration)
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

    private func took(_ duration: Duration) {
        let ns = Int(duration / .nanoseconds(1))
        nanoseconds.wrappingAdd(ns, ordering: .relaxed)
        let seconds = Double(ns) / 1e9
        let i = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        buckets[i].value.wrappingAdd(1, ordering: .relaxed)
    }

    /// How many took at most each bound, then how many in all.
    var cumulative: [Int] {
        var sum = 0
        return buckets.map {
            sum += $0.value.load(ordering: .relaxed)
            return sum
        }
    }
}
