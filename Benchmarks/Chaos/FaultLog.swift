import Foundation
import Synchronization

/// Which faults hit which process and when: the harness's own data, which the audit compares with Redis' records.
final class FaultLog: Sendable {
    /// A fault hit a worker process during this time, in monotonic ns.
    struct Hit: Sendable {
        var kind: FaultKind
        var pid: Int32
        var during: ClosedRange<Int>
    }

    /// From `from` on a worker could not send anything, and Redis let its lease end at `lapsed`; both in ms since 1970.
    /// It must not settle after `lapsed` what it had claimed before.
    struct Lapse: Sendable {
        var pid: Int32
        var from: Int
        var lapsed: Int
    }

    struct Content: Sendable {
        var hits: [Hit] = []
        var lapses: [Lapse] = []
        /// When no worker could take over jobs: Redis was down or all workers were frozen. Monotonic ns, until all
        /// workers are back.
        var outages: [ClosedRange<Int>] = []
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(Content())

    var content: Content { state.withLock { $0 } }

    func hit(_ kind: FaultKind, _ pid: Int32, during: ClosedRange<Int>) {
        state.withLock { $0.hits.append(Hit(kind: kind, pid: pid, during: during)) }
    }

    /// Records that a worker could not send anything from `from` until now.
    ///
    /// - Parameter lease: when it ends according to Redis, in ms since 1970; nil if it had none. A beat that was in
    ///   flight may have renewed it after `from`: if it still holds, nothing has lapsed.
    func silenced(_ pid: Int32, from: Date, lease: Int?) {
        guard let lease else { return }
        let from = Int(from.timeIntervalSince1970 * 1000), now = Int(Date().timeIntervalSince1970 * 1000)
        if now > lease { state.withLock { $0.lapses.append(Lapse(pid: pid, from: from, lapsed: lease)) } }
    }

    func outage(_ range: ClosedRange<Int>) { state.withLock { $0.outages.append(range) } }

    func count(_ fault: FaultKind) { state.withLock { $0.counts[fault.rawValue, default: 0] += 1 } }
}
