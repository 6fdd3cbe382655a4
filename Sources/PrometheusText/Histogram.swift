internal import Synchronization

/// Durations, counted in buckets with upper bounds. Any thread may record at any time.
package final class Histogram: Sendable {
    /// Upper bounds in seconds, ascending; one more bucket counts the rest.
    let bounds: [Double]
    private let classes: [Class]
    private let nanoseconds = Atomic<Int>(0)

    private final class Class: Sendable {
        let count = Atomic<Int>(0)
    }

    package init(bounds: [Double]) {
        self.bounds = bounds
        classes = (0...bounds.count).map { _ in Class() }
    }

    package func record(_ time: Duration) {
        let ns = Int(time / .nanoseconds(1))
        nanoseconds.wrappingAdd(ns, ordering: .relaxed)
        let seconds = Double(ns) / 1e9
        let i = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        classes[i].count.wrappingAdd(1, ordering: .relaxed)
    }

    /// The number of durations up to each bound, then the total number.
    var cumulative: [Int] {
        var sum = 0
        return classes.map {
            sum += $0.count.load(ordering: .relaxed)
            return sum
        }
    }

    /// The sum of all durations in seconds.
    var seconds: Double { Double(nanoseconds.load(ordering: .relaxed)) / 1e9 }
}
