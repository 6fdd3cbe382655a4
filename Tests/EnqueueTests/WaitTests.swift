import Foundation
import PackhorseRedis
import Queue
import Servers
import TestSupport
import Testing

@testable import Enqueue

/// No wait depends on a message that may be lost, and each returns all that happened.
@Suite(.timeLimit(.minutes(2))) struct WaitTests {
    private func ask(_ url: RedisURL, _ verb: StaticString, _ arguments: String...) async throws -> RedisReply {
        let connection = RedisConnection(url, name: "test")
        try await connection.connect()
        var command = RedisCommand(verb, arguments: arguments.count)
        for argument in arguments { command.append(argument) }
        let reply = try await connection.send(command)
        await connection.close()
        return reply
    }

    private func key(_ id: JobID) -> String { "ph:{default}:job:" + id.text.dropFirst("default.".count) }

    @Test(.redis) func anEndWithoutAMessageIsFoundByALook() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        let watcher = CompletionWatcher(url, enqueue.connection, pause: .milliseconds(50))
        let id = try await enqueue.add(NewJob("test.note", arguments: [], in: .default)).id
        async let record = watcher.wait(for: id, timeout: .seconds(60))
        try await Scratch.wait("the wait to listen") {
            try await ask(url, "PUBSUB", "NUMSUB", "ph:{default}:ended").array?.last?.int == 1
        }
        // What settle.lua writes, without the message.
        _ = try await ask(url, "HSET", key(id), "r", "succeeded 1 1|1 w\n7")
        #expect(try await record.state == .succeeded)
        await watcher.close()
        await enqueue.close()
    }

    @Test(.redis) func aJobThatVanishesIsUnknown() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        let watcher = CompletionWatcher(url, enqueue.connection, pause: .milliseconds(50))
        let id = try await enqueue.add(NewJob("test.note", arguments: [], in: .default)).id
        async let record = watcher.wait(for: id, timeout: .seconds(60))
        try await Scratch.wait("the wait to listen") {
            try await ask(url, "PUBSUB", "NUMSUB", "ph:{default}:ended").array?.last?.int == 1
        }
        _ = try await ask(url, "FLUSHALL")
        #expect(try await record.state == .unknown)
        await watcher.close()
        await enqueue.close()
    }

    /// Ten thousand wait for the price of ten small calls each time that the watcher looks.
    @Test(.redis) func tenThousandWaitsAreCheap() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        let jobs = try (0..<10_000).map { _ in try NewJob("test.note", arguments: [], in: .default) }
        let ids = try await enqueue.add(all: jobs).map(\.id)
        let waits = ids.map { id in Task { try await enqueue.wait(for: id, timeout: .seconds(110)).state } }
        func calls() async throws -> Int {
            let text = try await ask(url, "INFO", "commandstats").string ?? ""
            let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_evalsha:") }
            return line.flatMap { $0.firstMatch(of: /calls=(\d+)/).flatMap { Int($0.1) } } ?? 0
        }
        // Each looks once or twice by itself; then all are looked at together, ten calls every two seconds.
        // A machine that stands still for a moment must not look like that: five seconds in a row.
        var counts: [Int] = []
        try await Scratch.wait("all to wait", for: .seconds(90)) {
            try await Task.sleep(for: .milliseconds(250))  // between two counts
            counts = counts.suffix(19) + [try await calls()]
            return counts.count == 20 && counts[19] >= 10_000 && counts[19] - counts[0] <= 40
        }
        let first = try await calls()
        let start = ContinuousClock.now
        try await Scratch.wait("three more looks", for: .seconds(60)) { try await calls() >= first + 30 }
        #expect(start.duration(to: .now) > .seconds(3), "a call for each wait would take no time")
        for wait in waits { wait.cancel() }
        var states: Set<JobState> = []
        for wait in waits { states.insert(try await wait.value) }
        #expect(states == [.queued])
        await enqueue.close()
    }

    /// Retention may forget a job before anybody looks: the message says how it ended.
    @Test(.redis) func whoWatchesIsToldTheEndOfAForgottenJob() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        let job = try NewJob("test.note", arguments: [], in: .default)
        let watch = enqueue.watch()
        try await watch.add([job.id])
        #expect(try await ask(url, "PUBSUB", "NUMSUB", "ph:{default}:ended").array?.last?.int == 1)
        _ = try await enqueue.add(job)
        let queue = enqueue.queue(.default)
        try await queue.join("w", lease: .seconds(60), about: "{}")
        let claims = try await queue.reserve(upTo: 1, by: "w").claims
        _ = try await queue.settle(claims.map { Settled($0, .succeeded(result: .null, dropsSteps: false)) }, by: "w")
        _ = try await ask(url, "UNLINK", key(job.id))
        let record = try await watch.end(of: job.id, timeout: .seconds(60))
        #expect(record.state == .succeeded)
        #expect(record.finishedAt != nil)
        #expect(try await watch.end(of: job.id, timeout: .seconds(60)).state == .unknown, "it is not watched any more")
        await enqueue.close()
    }

    /// Each job that is watched counts: no subscription ends while one is awaited, nor outlives the last.
    @Test(.redis) func aWatchListensUntilItsLastJobHasEnded() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        let watcher = CompletionWatcher(url, enqueue.connection, linger: .milliseconds(50), pause: .seconds(3600))
        let jobs = try (0..<3).map { _ in try NewJob("test.note", arguments: [], in: .default) }
        let watch = JobWatch(watcher)
        try await watch.add(jobs.map(\.id))
        _ = try await enqueue.add(all: jobs)
        for job in jobs {
            let awaited = Task { try await watch.end(of: job.id, timeout: .seconds(60)).state }
            try await enqueue.cancel(job.id)
            #expect(try await awaited.value == .cancelled)
        }
        try await Scratch.wait("the subscription to end") {
            try await ask(url, "PUBSUB", "NUMSUB", "ph:{default}:ended").array?.last?.int == 0
        }
        await watcher.close()
        await enqueue.close()
    }

    @Test(.redis) func aForgottenResultIsReportedAsForgotten() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        let note = try await enqueue.add(Note(text: "a"))
        let answer = Task { try await note.result(timeout: .seconds(60)) }
        try await Scratch.wait("the wait to listen") {
            try await ask(url, "PUBSUB", "NUMSUB", "ph:{default}:ended").array?.last?.int == 1
        }
        // The end is published, and the record is gone by then.
        let script = "redis.call('UNLINK', KEYS[1]) redis.call('PUBLISH', KEYS[2], 'succeeded 1 ' .. KEYS[1])"
        _ = try await ask(url, "EVAL", script, "2", key(note.id), "ph:{default}:ended")
        await #expect(throws: JobError.forgotten(note.id)) { try await answer.value }
        await enqueue.close()
    }

    /// A planned failover behind a stable address: the old server lives on as a replica, and its connections stay open.
    @Test func aDemotedServerIsLeft() async throws {
        let (old, new) = (try await RedisServer.start(tcp: true), try await RedisServer.start(tcp: true))
        let (oldPort, newPort) = (try #require(old.port), try #require(new.port))
        let address = try Scratch.directory() + "/r"
        try FileManager.default.createSymbolicLink(atPath: address, withDestinationPath: old.socket)
        let url = try RedisURL("redis+unix://\(address)")
        _ = try await ask(try new.url, "REPLICAOF", "127.0.0.1", "\(oldPort)")
        try await Scratch.wait("the replica to follow") {
            try await ask(try new.url, "INFO", "replication").string?.contains("master_link_status:up") == true
        }
        let enqueue = try await Enqueue(redis: url)
        let id = try await enqueue.add(NewJob("test.note", arguments: [], in: .default)).id
        async let record = enqueue.wait(for: id, timeout: .seconds(90))
        try await Scratch.wait("the wait to listen") {
            try await ask(try old.url, "PUBSUB", "NUMSUB", "ph:{default}:ended").array?.last?.int == 1
        }
        try await Scratch.wait("the replica to have the job") {
            try await ask(try new.url, "EXISTS", key(id)).int == 1
        }

        _ = try await ask(try new.url, "REPLICAOF", "NO", "ONE")
        try FileManager.default.removeItem(atPath: address)
        try FileManager.default.createSymbolicLink(atPath: address, withDestinationPath: new.socket)
        _ = try await ask(try old.url, "REPLICAOF", "127.0.0.1", "\(newPort)")
        try await Scratch.wait("the wait to listen to the new server") {
            try await ask(try new.url, "PUBSUB", "NUMSUB", "ph:{default}:ended").array?.last?.int == 1
        }
        let queue = enqueue.queue(.default)
        try await queue.join("w", lease: .seconds(60), about: "{}")
        let claims = try await queue.reserve(upTo: 1, by: "w").claims
        _ = try await queue.settle(claims.map { Settled($0, .succeeded(result: .null, dropsSteps: false)) }, by: "w")
        #expect(try await record.state == .succeeded)
        await enqueue.close()
        await old.kill()
        await new.kill()
    }
}
