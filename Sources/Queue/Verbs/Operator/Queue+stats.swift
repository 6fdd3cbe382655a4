internal import Foundation
internal import PackhorseRedis

extension Queue {
    /// Counts and workers, read in one call.
    public func stats(now: Int? = nil) async throws(QueueError) -> (queue: QueueStats, workers: [WorkerStats]) {
        let parts = try await run(.stats, arguments: 0, now: now) { _ in }.array ?? []
        guard parts.count == 3 else { throw .refused(script: "stats", message: "unexpected reply") }
        let counts = Self.pairs(parts[0]), totals = Self.pairs(parts[1])
        func kept(_ state: JobState) -> Int {
            totals[state.rawValue, default: 0] &- totals["pruned:" + state.rawValue, default: 0]
        }
        let queue = QueueStats(
            name: name.text, scheduled: counts["scheduled", default: 0] + counts["awaiting", default: 0],
            queued: counts["queued", default: 0],
            running: counts["running", default: 0], retrying: counts["retrying", default: 0],
            succeeded: kept(.succeeded), dead: counts["dead", default: 0], cancelled: kept(.cancelled),
            expired: kept(.expired), unclaimed: counts["unclaimed", default: 0],
            awaiting: counts["awaiting", default: 0],
            paused: counts["paused", default: 0] == 1, damaged: counts["damaged", default: 0] == 1,
            oldestQueuedSeconds: Double(counts["oldestQueuedMs", default: 0]) / 1000,
            schedules: counts["schedules", default: 0], ticksOverdue: counts["ticksOverdue", default: 0],
            oldestTickSeconds: Double(counts["oldestTickMs", default: 0]) / 1000,
            parked: counts["parked", default: 0], sequences: counts["sequences", default: 0],
            halted: counts["halted", default: 0], following: counts["following", default: 0],
            tenants: counts["tenants", default: 0],
            totals: QueueStats.Totals(
                enqueued: totals["enqueued", default: 0], succeeded: totals["succeeded", default: 0],
                failedAttempts: totals["failedAttempts", default: 0], crashes: totals["crashes", default: 0],
                dead: totals["dead", default: 0], cancelled: totals["cancelled", default: 0],
                expired: totals["expired", default: 0]))
        return (queue, Self.workers(parts[2].array ?? []))
    }

    private static func workers(_ flat: [RedisReply]) -> [WorkerStats] {
        stride(from: 0, to: flat.count - 3, by: 4).compactMap { i in
            guard let id = flat[i].string, let end = flat[i + 1].string.flatMap({ Double($0) }),
                let running = flat[i + 2].int
            else { return nil }
            let about = flat[i + 3].string.flatMap {
                try? JSONDecoder().decode(WorkerDescription.self, from: Data($0.utf8))
            }
            let beat = Int(exactly: (end - Double(about?.leaseMs ?? 0)).rounded()) ?? 0
            return WorkerStats(
                id: id, host: about?.host ?? "", pid: about?.pid ?? 0, version: about?.version ?? "",
                queues: about?.queues ?? [], concurrency: about?.concurrency ?? 0, running: running,
                rssBytes: about?.rssBytes ?? 0,
                lastBeat: ISOTime.text(beat))
        }
    }
}
