internal import Foundation
internal import PackhorseRedis

/// One queue in numbers. As JSON it is an element of `queues` in `enqueue stats --json`.
public struct QueueStats: Sendable, Codable, Equatable {
    /// As in `QueueName`.
    public var name: String
    /// Jobs that are in each state now; `unclaimed` of the queued ones wait for a worker that knows their type.
    public var scheduled, queued, running, retrying, succeeded, dead, cancelled, expired, unclaimed: Int
    /// No job is handed out; those that run go on.
    public var paused: Bool
    /// Somebody overwrote one of its keys with another type: what is counted there counts as 0. `enqueue verify` names
    /// the key.
    public var damaged: Bool
    /// How long the first in line has been known, 0 if none waits.
    public var oldestQueuedSeconds: Double
    /// What has happened so far.
    public var totals: Totals

    /// Counted since the queue exists.
    public struct Totals: Sendable, Codable, Equatable {
        /// `failedAttempts` and `crashes` count attempts, the others jobs: once each time that a job got there.
        public var enqueued, succeeded, failedAttempts, crashes, dead, cancelled, expired: Int
    }
}

/// One worker process, as it described itself at its last beat.
public struct WorkerStats: Sendable, Codable, Equatable {
    /// Its name: `<host>:<pid>:<random number>`, another one after its lease has lapsed.
    public var id: String
    /// The machine's name. Where what the worker said of itself can't be read, this, `version` and `queues` are empty,
    /// and `pid`, `concurrency` and `rssBytes` are 0.
    public var host: String
    /// Of its process, on its host.
    public var pid: Int
    /// Of Packhorse, in the worker.
    public var version: String
    /// The names of the queues that it serves.
    public var queues: [String]
    /// How many jobs it runs at once at most, 1 to 10,000.
    public var concurrency: Int
    /// Jobs that it holds claims on, over all its queues that were asked.
    public var running: Int
    /// Its resident memory in bytes; 0 if the system does not tell.
    public var rssBytes: Int
    /// ISO 8601.
    public var lastBeat: String
}

/// What a worker writes with each beat.
public struct WorkerDescription: Sendable, Codable, Equatable {
    /// Its name: `<host>:<pid>:<random number>`, another one after its lease has lapsed.
    public var id: String
    /// The machine's name, at most 64 characters.
    public var host: String
    /// Of its process, on its host.
    public var pid: Int
    /// Of Packhorse, in the worker.
    public var version: String
    /// The names of the queues that it serves, in the order of its options.
    public var queues: [String]
    /// How many jobs it runs at once at most, 1 to 10,000.
    public var concurrency: Int
    /// Its resident memory in bytes; 0 if the system does not tell.
    public var rssBytes: Int
    /// How long a beat is good for, in ms.
    public var leaseMs: Int
    /// The run of the server that it beats to (`ServerRun`); nil if it can't be known.
    public var server: String?
    /// The run of the server on which it listens to its calls; nil while it does not.
    public var listens: String?

    /// Takes the fields as they are; nothing is checked.
    public init(
        id: String, host: String, pid: Int, version: String, queues: [String], concurrency: Int, rssBytes: Int,
        leaseMs: Int, server: String? = nil, listens: String? = nil
    ) {
        self.id = id
        self.host = host
        self.pid = pid
        self.version = version
        self.queues = queues
        self.concurrency = concurrency
        self.rssBytes = rssBytes
        self.leaseMs = leaseMs
        self.server = server
        self.listens = listens
    }
}

extension Queue {
    /// Counts and workers, read in one step.
    public func stats(now: Int? = nil) async throws(QueueError) -> (queue: QueueStats, workers: [WorkerStats]) {
        let parts = try await run(.stats, arguments: 0, now: now) { _ in }.array ?? []
        guard parts.count == 3 else { throw .refused(script: "stats", message: "unexpected reply") }
        let counts = Self.pairs(parts[0]), totals = Self.pairs(parts[1])
        func kept(_ state: JobState) -> Int {
            totals[state.rawValue, default: 0] &- totals["pruned:" + state.rawValue, default: 0]
        }
        let queue = QueueStats(
            name: name.text, scheduled: counts["scheduled", default: 0], queued: counts["queued", default: 0],
            running: counts["running", default: 0], retrying: counts["retrying", default: 0],
            succeeded: kept(.succeeded), dead: counts["dead", default: 0], cancelled: kept(.cancelled),
            expired: kept(.expired), unclaimed: counts["unclaimed", default: 0],
            paused: counts["paused", default: 0] == 1, damaged: counts["damaged", default: 0] == 1,
            oldestQueuedSeconds: Double(counts["oldestQueuedMs", default: 0]) / 1000,
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
