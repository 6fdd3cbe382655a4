import Foundation
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// What is reported about jobs and queues: status, stats, lists.
@Suite(.redis) struct LookTests {
    @Test func anUnknownIdIsUnknown() async throws {
        let queue = try await makeQueue()
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.state == .unknown)
        #expect(record.body == nil)
        #expect(record.attempt == 0)
        #expect(record.runAt == nil)
        #expect(try await queue.status([], now: start).isEmpty)
    }

    @Test func manyAreAnsweredInTheirOrder() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(try (0..<250).map { try job("j\($0)") }, now: start)
        let ids = (0..<260).map { JobID.of("j\($0)") }.shuffled()
        let records = try await queue.status(ids, now: start)
        #expect(records.map(\.id) == ids)
        #expect(records.count { $0.state == .queued } == 250)
    }

    /// The contract of design and wire page: these keys, in this order.
    static let keys = [
        "id", "type", "queue", "tenant", "priority", "state", "attempt", "maxAttempts", "failures", "crashes", "args",
        "progress", "result", "error", "errors", "createdAt", "runAt", "startedAt", "finishedAt", "expiresAt", "worker",
        "traceparent", "parent", "workflow", "waitsFor", "blockedBy",
    ]

    @Test func jsonHasAllKeysInTheirOrder() async throws {
        let queue = try await makeQueue()
        let options = JobOptions(
            priority: .high, expiry: .after(.seconds(60)), maxAttempts: 4, timeout: .seconds(9), tenant: "Zoë \"7\"",
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        try await queue.enqueue(
            [try job("a", options: options, arguments: #"{"pages":[1,2],"name":"ä\n"}"#)], now: start)
        try await queue.join("w", now: start)
        let claim = try #require(try await queue.take(by: "w", now: start + 1).first)
        _ = try await queue.saveProgress([(claim, .progress(Array(#"{"done":1,"of":2}"#.utf8)))], by: "w", now: start)
        _ = try await queue.settle([Settled(claim, .failed(failure, delay: .seconds(1)))], by: "w", now: start + 2)
        let json = String(decoding: try await queue.status(.of("a"), now: start).json(), as: UTF8.self)
        #expect(!json.contains("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(object.keys.sorted() == Self.keys.sorted())
        let places = Self.keys.compactMap { json.range(of: "\"\($0)\":")?.lowerBound }
        #expect(places.count == Self.keys.count)
        #expect(places.sorted() == places)
        #expect(object["state"] as? String == "retrying")
        #expect(object["queue"] as? String == "default")
        #expect(object["tenant"] as? String == "Zoë \"7\"")
        #expect(object["priority"] as? String == "high")
        #expect(object["createdAt"] as? String == "1970-01-01T00:16:40.000Z")
        #expect(object["expiresAt"] as? String == "1970-01-01T00:17:40.000Z")
        #expect(object["runAt"] as? String == "1970-01-01T00:16:41.002Z")
        #expect(object["result"] is NSNull)
        #expect(object["parent"] is NSNull)
        #expect(object["finishedAt"] is NSNull)
        #expect((object["error"] as? [String: Any])?["message"] as? String == "made up")
        let errors = try #require(object["errors"] as? [[String: Any]])
        #expect(errors.count == 1)
        #expect(errors.first?["at"] as? String == "1970-01-01T00:16:40.002Z")
        #expect((object["args"] as? [String: Any])?["name"] as? String == "ä\n")
    }

    /// Arguments are opaque bytes: whatever they are, the line stays JSON.
    @Test(
        arguments: [
            [], [0xFF, 0xFE], Array("{\"a\":".utf8), Array("not json".utf8), Array("{\0}\0".utf8),
            [0xEF, 0xBB, 0xBF, 0x31],
            Array("[1,\n2]\r\n".utf8), Array("\"\\ud800\"".utf8), Array("NaN".utf8), [0x22, 0x01, 0x22],
        ] as [[UInt8]])
    func jsonOfForeignArguments(arguments: [UInt8]) async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try NewJob("t", arguments: arguments, in: .default, id: .of("a"))], now: start)
        let json = try await queue.status(.of("a"), now: start).json()
        let text = try #require(String(validating: json, as: UTF8.self))
        #expect(!text.contains { $0.isNewline || $0 == "\0" })
        let object = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
        #expect(object?.count == Self.keys.count)
    }

    @Test func statsCountEachState() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(100), now: start)
        let outcomes: [Outcome] = [
            .success, .success, .dead(failure), .cancelled(failure), .failed(failure, delay: .seconds(9)),
            .unclaimed(delay: .seconds(9)),
        ]
        try await queue.enqueue(try outcomes.indices.map { try job("j\($0)") }, now: start)
        let claims = try await queue.take(6, by: "w", now: start)
        _ = try await queue.settle(zip(claims, outcomes).map { Settled($0, $1) }, by: "w", now: start)
        try await queue.enqueue([try job("old"), try job("gone"), try job("run")], now: start)
        try await queue.cancel(.of("old"), now: start)
        try await queue.enqueue([try job("late", options: JobOptions(expiry: .after(.zero)))], now: start)
        try await queue.enqueue([try job("soon", options: JobOptions(start: .after(.seconds(50))))], now: start)
        _ = try await queue.take(2, by: "w", now: start)
        try await queue.enqueue([try job("a"), try job("b")], now: start + 500)
        try await queue.cancel(.of("a"), now: start + 600)
        let stats = try await queue.stats(now: start + 1500)
        let wanted = QueueStats(
            name: "default", scheduled: 1, queued: 2, running: 2, retrying: 1, succeeded: 2, dead: 1, cancelled: 3,
            expired: 1, unclaimed: 1, awaiting: 0, paused: false, damaged: false,
            oldestQueuedSeconds: 1, schedules: 0, ticksOverdue: 0, oldestTickSeconds: 0, parked: 0, sequences: 0,
            halted: 0, following: 0, tenants: 0,
            totals: QueueStats.Totals(
                enqueued: 13, succeeded: 2, failedAttempts: 2, crashes: 0, dead: 1, cancelled: 3, expired: 1))
        #expect(stats.queue == wanted)
        #expect(stats.workers.map(\.running) == [2])
        try await expectInvariants(queue)
    }

    @Test func workersDescribeThemselves() async throws {
        let queue = try await makeQueue()
        let about = WorkerDescription(
            id: "w", host: "h", pid: 7, version: "1.2", queues: ["default"], concurrency: 8, rssBytes: 99, leaseMs: 5000
        )
        let json = String(decoding: try JSONEncoder().encode(about), as: UTF8.self)
        try await queue.join("w", lease: .seconds(5), about: json, now: start)
        try await queue.join("x", lease: .seconds(5), about: "garbled", now: start)
        let workers = try await queue.stats(now: start).workers
        #expect(workers.map(\.id) == ["w", "x"])
        #expect(workers.first?.pid == 7)
        #expect(workers.first?.concurrency == 8)
        #expect(workers[0].lastBeat == "1970-01-01T00:16:40.000Z")
        try await queue.command("ZADD", "workers", "+inf", "x")
        #expect(try await queue.stats(now: start).workers.count == 2)
    }

    @Test func aTimeTooLargeForAnIntegerCountsAsNone() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a", options: JobOptions(start: .after(.seconds(5))))], now: start)
        try await queue.command("ZADD", "scheduled", "+inf", "ph:{default}:job:a")
        #expect(try await queue.status(.of("a"), now: start).runAt == nil)
    }

    @Test(arguments: [1, 3, 7, 1000]) func listsComeInPages(limit: Int) async throws {
        let queue = try await makeQueue()
        try await queue.join("w", now: start)
        func all(_ state: JobState) async throws -> [JobID] {
            var ids: [JobID] = []
            var offset: Int? = 0
            while let at = offset {
                let page = try await queue.list(state, offset: at, limit: limit)
                #expect(page.ids.count <= limit)
                ids += page.ids
                offset = page.next
            }
            return ids
        }
        // One call ends ten jobs.
        try await queue.enqueue(try (0..<20).map { try job("j\($0)") }, now: start)
        for round in 0..<2 {
            let claims = try await queue.take(10, by: "w", now: start)
            #expect(try await Set(all(.running)) == Set(claims.map(\.id)))
            _ = try await queue.settle(claims.map { Settled($0, .success) }, by: "w", now: start + round)
        }
        #expect(try await all(.succeeded) == (0..<20).reversed().map { .of("j\($0)") })
        for (i, priority) in Priority.allCases.reversed().enumerated() {
            for part in ["p", "q", "r"] {
                try await queue.enqueue([try job("\(part)\(i)", options: JobOptions(priority: priority))], now: start)
            }
        }
        try await queue.cancel(.of("q1"), now: start)
        try await queue.cancel(.of("q2"), now: start + 1)
        #expect(
            try await all(.queued)
                == ["p3", "q3", "r3", "p2", "r2", "p1", "r1", "p0", "q0", "r0"].map(JobID.of))
        for part in ["t0", "t1", "t2"] {
            let options = JobOptions(priority: part == "t0" ? .critical : .default, tenant: "t")
            try await queue.enqueue([try job(part, options: options)], now: start)
        }
        let withTenants = ["p3", "q3", "r3", "t0", "p2", "r2", "p1", "r1", "t1", "t2", "p0", "q0", "r0"]
        #expect(try await all(.queued) == withTenants.map(JobID.of))
        #expect(try await all(.cancelled) == ["q2", "q1"].map(JobID.of))
        try await queue.retry(.of("q1"), now: start)
        #expect(try await all(.cancelled) == [.of("q2")], "the other waits again")
        for delay in [3, 1, 2] {
            try await queue.enqueue(
                [try job("s\(delay)", options: JobOptions(start: .after(.seconds(delay))))], now: start)
        }
        #expect(try await all(.scheduled) == ["s1", "s2", "s3"].map(JobID.of))
        #expect(try await all(.dead).isEmpty)
        #expect(try await all(.unknown).isEmpty)
        try await expectInvariants(queue)
    }

    @Test func queuesAreListedByName() async throws {
        let queue = try await makeQueue("ocr")
        try await queue.register()
        try await Queue(.default, on: queue.connection).register()
        #expect(try await Queue.all(on: queue.connection).map(\.name.text) == ["default", "ocr"])
    }
}
