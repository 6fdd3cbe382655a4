import Foundation
import PackhorseRedis
import Queue
import Servers
import TestSupport
import Testing

@testable import Enqueue

/// No wait hangs on a message that may not come, and none is told less than what happened.
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

    @Test(.redis) func anEndThatNobodyTellsIsFoundByALook() async throws {
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

    @Test(.redis) func oneThatVanishesIsUnknown() async throws {
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

    /// Retention may forget a job before anybody looks: the message says how it ended.
    @Test(.redis) func whoWatchesIsToldTheEndOfAForgottenJob() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        let job = try NewJob("test.note", arguments: [], in: .default)
        let watch = enqueue.watch()
        try watch.add([job.id])
        try await Scratch.wait("the watch to listen") {
            try await ask(url, "PUBSUB", "NUMSUB", "ph:{default}:ended").array?.last?.int == 1
        }
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
