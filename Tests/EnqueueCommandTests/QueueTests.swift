internal import Foundation
internal import PackhorseRedis
internal import Servers
internal import TestSupport
internal import Testing

@Suite(.redis) struct QueueTests {
    @Test func listRetryAndPurgeDeadJobs() async throws {
        let enqueue = EnqueueProgram()
        try await enqueue.withWorker(queues: ["default", "ocr"]) { () async throws in
            #expect(try await enqueue("add", "test.fail", "--count", "3", "--wait").code == 1)
            #expect(try await enqueue("add", "test.fail", "--queue", "ocr", "--wait").code == 1)
            #expect(try await enqueue("add", "test.echo", "--wait").code == 0)
        }
        let dead = try await enqueue("list", "--state", "dead", "--json")
        #expect(dead.lines.count == 4)
        for line in dead.lines { #expect(Set(try object(line).keys) == jobKeys) }
        #expect(try await enqueue("list", "--state", "dead", "--queue", "ocr").lines.count == 1)
        #expect(try await enqueue("list", "--state", "dead", "--limit", "2").lines.count == 2)
        #expect(try await enqueue("list", "--state", "dead", "--type", "test.echo", "--json").output.isEmpty)
        #expect(try await enqueue("list", "--state", "succeeded", "--type", "test.echo").lines.count == 1)

        let retried = try await enqueue("retry", "--state", "dead", "--queue", "default", "--json")
        #expect(retried.output == #"{"queue":"default","retried":3}"# + "\n")
        #expect(try await enqueue("list", "--state", "queued").lines.count == 3)
        let purged = try await enqueue("purge", "--state", "dead", "--queue", "ocr", "--json")
        #expect(purged.output == #"{"purged":1,"queue":"ocr"}"# + "\n")
        #expect(try await enqueue("list", "--state", "dead").output.isEmpty)
    }

    @Test func pauseAndResume() async throws {
        let enqueue = EnqueueProgram()
        #expect(
            try await enqueue("pause", "ocr", "--json").output == #"{"changed":true,"paused":true,"queue":"ocr"}"#
                + "\n")
        #expect(try await enqueue("pause", "ocr").output == "ocr is paused, as before\n")
        let paused = try object(try await enqueue("stats", "--json").output)
        #expect((paused["queues"] as? [[String: Any]])?.first?["paused"] as? Bool == true)
        #expect(
            try await enqueue("resume", "ocr", "--json").output == #"{"changed":true,"paused":false,"queue":"ocr"}"#
                + "\n")
        #expect(try await enqueue("resume", "ocr").code == 0)
    }

    @Test func statsHaveTheAgreedShapeAndWorkersComeOnce() async throws {
        let enqueue = EnqueueProgram()
        _ = try await enqueue.add("test.echo", "--queue", "other")
        try await enqueue.withWorker(queues: ["default", "ocr"]) { () async throws in
            for queue in ["default", "ocr"] { _ = try await enqueue.add("test.sleep", "--queue", queue) }
            while try await enqueue("list", "--state", "running").lines.count < 2 {}
            let stats = try object(try await enqueue("stats", "--json").output)
            #expect(Set(stats.keys) == ["queues", "workers"])
            let queues = try #require(stats["queues"] as? [[String: Any]])
            #expect(queues.compactMap { $0["name"] as? String } == ["default", "ocr", "other"])
            for queue in queues {
                #expect(
                    Set(queue.keys) == [
                        "name", "scheduled", "queued", "running", "retrying", "succeeded", "dead", "cancelled",
                        "expired",
                        "unclaimed", "paused", "damaged", "oldestQueuedSeconds", "totals", "schedules", "ticksOverdue",
                        "oldestTickSeconds", "parked", "awaiting", "tenants", "sequences", "halted", "following",
                    ])
                #expect(
                    Set((queue["totals"] as? [String: Any] ?? [:]).keys) == [
                        "enqueued", "succeeded", "failedAttempts", "crashes", "dead", "cancelled", "expired",
                    ])
            }
            let workers = try #require(stats["workers"] as? [[String: Any]])
            #expect(workers.count == 1)
            #expect(
                Set(workers.first?.keys.map { $0 } ?? []) == [
                    "id", "host", "pid", "version", "queues", "concurrency", "running", "rssBytes", "lastBeat",
                ])
            #expect(workers.first?["running"] as? Int == 2)
            #expect(workers.first?["queues"] as? [String] == ["default", "ocr"])
            let text = try await enqueue("stats")
            #expect(text.output.contains("queue "))
            #expect(text.output.contains("worker "))
        }
    }

    @Test func topPrintsALineForEachRefresh() async throws {
        let enqueue = EnqueueProgram()
        _ = try await enqueue.add("test.echo")
        let top = try await enqueue("top", "--json", "--count", "2")
        #expect(top.code == 0)
        #expect(top.lines.count == 2)
        for line in top.lines { #expect(Set(try object(line).keys) == ["queues", "workers"]) }
        let plain = try await enqueue("top", "--count", "1")
        #expect(plain.code == 0)
        #expect(!plain.output.contains("\u{1B}"))
        #expect(plain.output.contains("default"))
    }

    @Test func verifyFindsWhatWasChangedByHand() async throws {
        let enqueue = EnqueueProgram()
        _ = try await enqueue.add("test.echo")
        let sound = try await enqueue("verify")
        #expect(sound.code == 0)
        #expect(sound.output == "no findings in 1 queues\n")
        #expect(try await enqueue("verify", "--json").output.isEmpty)

        var push = RedisCommand("LPUSH", arguments: 2)
        push.append("ph:{default}:queued:2")
        push.append("ph:{default}:job:ghost")
        let connection = RedisConnection(try RedisServer.current.url, name: "test")
        try await connection.connect()
        _ = try await connection.send(push)
        await connection.close()

        let damaged = try await enqueue("verify", "--json")
        #expect(damaged.code == 1)
        #expect(!damaged.lines.isEmpty)
        for line in damaged.lines {
            let finding = try object(line)
            #expect(finding["queue"] as? String == "default")
            #expect(finding["kind"] is String)
            #expect(finding["detail"] is String)
        }
        #expect(damaged.output.contains("default.ghost"))
        #expect(damaged.errors.contains("findings"))
        #expect(try await enqueue("verify", "--queue", "other").code == 0)
    }
}
