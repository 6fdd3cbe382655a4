import Figures
import Foundation
import Queue
import PackhorseRedis
import Servers

/// All that the audit looks at: what producers were told, what handlers wrote down, what the harness did, and what
/// Redis has on record.
struct Evidence: Sendable {
    /// How Redis says that a job ended.
    struct Ending: Sendable {
        var state: JobState
        var attempt = 0
        var pid: Int32 = 0
        /// Of the claim, and of the outcome; Redis' clock, ms since 1970.
        var startedAt = 0
        var finishedAt = 0
        var result: ChaosResult?
    }

    /// Jobs whose `add` returned.
    var acknowledged: [String: Promise]
    var endings: [String: Ending]
    var ledger: [Ledger.Entry]
    var faults: FaultLog.Content
    var totals: Totals
    /// What to add to the ledger's clock to get ns since 1970.
    var clockOffset = 0

    /// Redis' counters since ever.
    struct Totals: Sendable {
        var enqueued = 0, succeeded = 0, dead = 0, cancelled = 0, expired = 0, crashes = 0
    }

    static func collect(_ options: Options, from producer: Producer, on server: RedisServer, log: FaultLog) async throws
        -> Evidence
    {
        let connection = RedisConnection(try server.url, name: "chaos")
        try await connection.connect()
        let queue = Queue(.default, on: connection)
        var endings: [String: Ending] = [:]
        for record in try await queue.status(Array(producer.acknowledged.keys)) {
            endings[record.id.text] = Ending(record)
        }
        let totals = try await queue.stats().queue.totals
        await connection.close()
        return Evidence(
            acknowledged: Dictionary(uniqueKeysWithValues: producer.acknowledged.map { ($0.key.text, $0.value) }),
            endings: endings, ledger: try Ledger.read(options.folder), faults: log.content,
            totals: Totals(
                enqueued: totals.enqueued, succeeded: totals.succeeded, dead: totals.dead,
                cancelled: totals.cancelled, expired: totals.expired, crashes: totals.crashes),
            clockOffset: Int(Date().timeIntervalSince1970 * 1e9) - Monotonic.now)
    }
}

extension Evidence.Ending {
    fileprivate init(_ record: JobRecord) {
        // `<host>:<pid>:<random>`
        let pid = record.worker?.split(separator: ":").dropLast().last.flatMap { Int32($0) }
        self.init(
            state: record.state, attempt: record.attempt, pid: pid ?? 0, startedAt: record.startedAt ?? 0,
            finishedAt: record.finishedAt ?? 0,
            result: record.result.flatMap { try? JSONDecoder().decode(ChaosResult.self, from: Data($0.bytes)) })
    }
}
