import Enqueue
import Foundation
import Queue
import PackhorseRedis
import Servers
import Synchronization
import TestSupport
import Testing

@testable import Worker

/// Redis comes back, or another server takes over, with less than it had confirmed.
@Suite(.redis, .timeLimit(.minutes(3))) struct LossTests {
    @discardableResult
    private func redis(_ verb: StaticString, _ arguments: String...) async throws -> RedisReply {
        let connection = RedisConnection(try RedisServer.current.url, name: "test")
        try await connection.connect()
        var command = RedisCommand(verb, arguments: arguments.count)
        for argument in arguments { command.append(argument) }
        let reply = try await connection.send(command)
        await connection.close()
        if case .error(let message) = reply { throw SupportError(message) }
        return reply
    }

    /// Turns an ended job into what a replica has that never received the outcome.
    private func forget(_ id: JobID, of worker: String) async throws {
        let key = "ph:{default}:job:" + id.text.dropFirst("default.".count)
        let script = "redis.call('HDEL', ARGV[1], 'r') redis.call('HSET', ARGV[2], ARGV[1], '1|0')"
        try await redis("EVAL", script, "0", key, "ph:{default}:claims:" + worker)
    }

    /// The worker is busy, so that no reserve of its own fails when the connection breaks.
    @Test func aJobWhoseOutcomeWasForgottenRunsAgain() async throws {
        let runs = Atomic<Int>(0)
        let gate = Signals()
        let began = Signals()
        // No beat may renew the lease before the outcome is written.
        try await withWorker(WorkerOptions(concurrency: 1, lease: .seconds(1000), beat: .seconds(500))) {
            Handler(raw: "test.count") { _, _ in
                runs.wrappingAdd(1, ordering: .relaxed)
                return []
            }
            Handler(raw: "test.hold") { _, _ in
                began.fire()
                await gate.next()
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.count")).id
            #expect(try await enqueue.wait(for: id, timeout: .seconds(30)).state == .succeeded)
            _ = try await enqueue.add(job("test.hold"))
            await began.next()
            let worker = try #require(try await enqueue.queue(.default).stats().workers.first?.id)
            try await forget(id, of: worker)
            #expect(try await enqueue.status(id).state == .running)
            // A server that takes over cuts all connections.
            try await redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            try await Scratch.wait("the worker to be back") {
                try await redis("CLIENT", "LIST").string?.contains("name=packhorse-worker ") == true
            }
            gate.fire()
            #expect(try await enqueue.wait(for: id, timeout: .seconds(30)).state == .succeeded)
            #expect(runs.load(ordering: .relaxed) == 2)
        }
    }

    /// More jobs may come back in this way than there are slots for.
    @Test func noMoreJobsRunAtOnceThanAllowed() async throws {
        let gate = Signals()
        let began = Signals()
        let running = Mutex<(now: Int, most: Int)>((0, 0))
        let options = WorkerOptions(concurrency: 2, lease: .seconds(60))
        try await withWorker(options) {
            Handler(raw: "test.hold") { _, _ in
                began.fire()
                await gate.next()
                return []
            }
            Handler(raw: "test.short") { _, _ in
                running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                try await Task.sleep(for: .milliseconds(100))  // so that those that may run together do
                running.withLock { $0.now -= 1 }
                return []
            }
        } body: { enqueue, _ in
            let holding = try await enqueue.add(job("test.hold")).id
            await began.next()
            var ids: [JobID] = []
            for _ in 0..<3 { ids.append(try await enqueue.add(job("test.short")).id) }
            for id in ids { #expect(try await enqueue.wait(for: id, timeout: .seconds(30)).state == .succeeded) }
            let worker = try #require(try await enqueue.queue(.default).stats().workers.first?.id)
            for id in ids { try await forget(id, of: worker) }
            try await redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            for id in ids { #expect(try await enqueue.wait(for: id, timeout: .seconds(30)).state == .succeeded) }
            #expect(running.withLock { $0.most } == 1, "the other place is taken")
            gate.fire()
            #expect(try await enqueue.wait(for: holding, timeout: .seconds(30)).state == .succeeded)
        }
    }

    /// The clock of the server jumps ahead: leases are over, but no worker is gone. What is refused then is not lost.
    @Test func aJobWhoseOutcomeWasRefusedRunsAgain() async throws {
        let runs = Atomic<Int>(0)
        let gate = Signals()
        let began = Signals()
        // No beat may renew the lease before the outcome is written.
        try await withWorker(WorkerOptions(concurrency: 1, lease: .seconds(1000), beat: .seconds(500))) {
            Handler(raw: "test.hold") { _, _ in
                runs.wrappingAdd(1, ordering: .relaxed)
                began.fire()
                await gate.next()
                return .null
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.hold")).id
            await began.next()
            let worker = try #require(try await enqueue.queue(.default).stats().workers.first?.id)
            try await redis("ZADD", "ph:{default}:workers", "1000", worker)
            gate.fire()
            await began.next()
            gate.fire()
            let record = try await enqueue.wait(for: id, timeout: .seconds(60))
            #expect(record.state == .succeeded)
            #expect(record.crashes == 0)
            #expect(runs.load(ordering: .relaxed) == 2)
        }
    }

    /// The same, but a beat renews the lease before the worker reserves again: it still holds the job and must find it.
    @Test func aRefusedOutcomeUnderALeaseThatHoldsAgainIsFound() async throws {
        let gate = Signals()
        let began = Signals()
        let options = WorkerOptions(concurrency: 2, lease: .seconds(1000), beat: .seconds(500))
        try await withWorker(options) {
            Handler(raw: "test.hold") { _, _ in
                began.fire()
                await gate.next()
                return .null
            }
            Nothing.self
        } body: { enqueue, worker in
            let id = try await enqueue.add(job("test.hold")).id
            await began.next()
            let name = try #require(try await enqueue.queue(.default).stats().workers.first?.id)
            let ends = try #require(try await redis("ZSCORE", "ph:{default}:workers", name).string)
            // The free slot sleeps until the bell rings.
            try await Scratch.wait("the worker to sleep") {
                try await redis("INFO", "clients").string?.contains("blocked_clients:1\r") ?? false
            }
            try await redis("ZADD", "ph:{default}:workers", "1000", name)
            gate.fire()
            try await Scratch.wait("the outcome to be refused") {
                worker.metricsText.contains("packhorse_outcomes_refused_total 1")
            }
            try await redis("ZADD", "ph:{default}:workers", ends, name)
            _ = try await enqueue.add(job("test.nothing"))
            await began.next()
            gate.fire()
            #expect(try await enqueue.wait(for: id, timeout: .seconds(60)).state == .succeeded)
        }
    }

    @Test func anEmptiedRedisKnowsItsQueuesAgain() async throws {
        let options = WorkerOptions(concurrency: 2, lease: .milliseconds(900), beat: .milliseconds(100))
        try await withWorker(options) {
            Add.self
        } body: { enqueue, _ in
            try await redis("FLUSHALL")
            try await Scratch.wait("the worker to join again") {
                guard let queue = try await enqueue.queues().first else { return false }
                return try await queue.stats().workers.count == 1
            }
        }
    }

    /// Cancelled while the worker received nothing: the beat says so that is sent as soon as it listens again.
    @Test func aCallThatWasMissedIsHeardWhenItListensAgain() async throws {
        let began = Signals()
        let options = WorkerOptions(concurrency: 2, lease: .seconds(1000), beat: .seconds(500))
        try await withWorker(options) {
            Handler(raw: "test.long") { _, _ in
                began.fire()
                try await Task.sleep(for: .seconds(600))  // ends when it is cancelled
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.long")).id
            await began.next()
            // What cancel.lua writes, without the message.
            let worker = try #require(try await enqueue.queue(.default).stats().workers.first?.id)
            let key = "ph:{default}:job:" + id.text.dropFirst("default.".count)
            try await redis("HSET", key, "cancel", "1")
            try await redis("SADD", "ph:{default}:cancels:" + worker, key)
            try await redis("CLIENT", "KILL", "TYPE", "pubsub")
            #expect(try await enqueue.wait(for: id, timeout: .seconds(60)).state == .cancelled)
        }
    }
}
