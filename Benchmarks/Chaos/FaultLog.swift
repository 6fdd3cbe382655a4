import Figures
import Foundation
import Synchronization

/// What was done to whom and when: the harness's own knowledge, which the audit holds against Redis' records.
final class FaultLog: Sendable {
    /// A worker got SIGKILL at this time, in monotonic ns.
    struct Kill: Sendable {
        var pid: Int32
        var at: Int
    }

    /// From `from` on a worker could not renew its lease; both in ms since 1970. What it had claimed before, it may
    /// not settle after `lapsed`.
    struct Lapse: Sendable {
        var pid: Int32
        var from: Int
        var lapsed: Int
    }

    struct Content: Sendable {
        var kills: [Kill] = []
        var lapses: [Lapse] = []
        /// When nobody could rescue anything: Redis was down or all workers frozen. Monotonic ns.
        var outages: [ClosedRange<Int>] = []
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(Content())

    var content: Content { state.withLock { $0 } }

    func killed(_ pid: Int32) { state.withLock { $0.kills.append(Kill(pid: pid, at: Monotonic.now)) } }

    /// Tells of a worker that could not beat from `from` until now. If that was shorter than its lease, it may have
    /// renewed it in time.
    func silenced(_ pid: Int32, from: Date, lease: Duration) {
        let from = Int(from.timeIntervalSince1970 * 1000), now = Int(Date().timeIntervalSince1970 * 1000)
        // What was on its way to Redis at that moment may still have arrived.
        let lapsed = from + Int(lease / .milliseconds(1)) + 100
        if now > lapsed { state.withLock { $0.lapses.append(Lapse(pid: pid, from: from, lapsed: lapsed)) } }
    }

    func outage(_ range: ClosedRange<Int>) { state.withLock { $0.outages.append(range) } }

    func count(_ fault: String) { state.withLock { $0.counts[fault, default: 0] += 1 } }
}
