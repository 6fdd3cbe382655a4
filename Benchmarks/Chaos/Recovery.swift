import Queue

/// A job that a fault interrupted, and how long it took until another attempt began. Pure: it needs only ledger and
/// fault log.
struct Recovery: Sendable, Equatable {
    /// The fault that interrupted it.
    var kind: FaultKind
    var id: String
    /// The attempt that was interrupted.
    var attempt: Int
    var seconds: Double
    /// The job was interrupted before, is of low priority or has limits, and waits on purpose; or another fault left no
    /// worker that could take it over for a part of the time.
    var isDelayed: Bool

    /// The recoveries of all jobs, by id and attempt.
    ///
    /// A run was interrupted if it did not fail and another attempt follows. The cause is the first fault that hit its
    /// process while it had the job and before the next attempt. A later fault may have hit a job that was already
    /// lost, and the time would look shorter than it was. A run without such a fault is not included.
    static func measured(_ runs: [String: [Run]], under faults: FaultLog.Content, _ promises: [String: Promise])
        -> [Recovery]
    {
        let hits = Dictionary(grouping: faults.hits.sorted { $0.during.lowerBound < $1.during.lowerBound }, by: \.pid)
        return runs.sorted { $0.key < $1.key }.flatMap { id, runs in
            runs.indices.compactMap { i -> Recovery? in
                let run = runs[i]
                // A run that began after a later attempt came too late: its job was no longer interrupted.
                guard !run.failed, runs[..<i].allSatisfy({ $0.attempt < run.attempt }),
                    let next = runs[(i + 1)...].first(where: { $0.attempt > run.attempt }),
                    let hit = hits[run.pid]?.first(where: {
                        $0.during.upperBound >= run.startedAt && $0.during.lowerBound < next.startedAt
                    })
                else { return nil }
                let since = standstill(run, hit)
                let isOutage = faults.outages.contains {
                    $0.overlaps(since...max(since, next.startedAt)) && !$0.contains(hit.during.lowerBound)
                }
                // An attempt between the two was claimed by a worker that ended before it began.
                let isFirst =
                    runs[..<i].allSatisfy(\.failed) && run.attempt == i + 1 && next.attempt == run.attempt + 1
                return Recovery(
                    kind: hit.kind, id: id, attempt: run.attempt,
                    seconds: Double(max(0, next.startedAt - since)) / 1e9,
                    isDelayed: !isFirst || isOutage || promises[id]?.priority == .low
                        || promises[id]?.feature == .limits)
            }
        }
    }

    /// The time from which the job was interrupted and could have been taken over, in monotonic ns.
    private static func standstill(_ run: Run, _ hit: FaultLog.Hit) -> Int {
        max(run.startedAt, hit.kind.isOutage ? hit.during.upperBound : hit.during.lowerBound)
    }
}
