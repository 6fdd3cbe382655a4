import Enqueue
import Foundation
import Glibc
import PackhorseRedis
import Queue
import Servers
import Synchronization
import TestSupport
import Testing

@testable import Worker

/// A queue whose keys are broken, a Redis that is gone when the worker stops.
@Suite(.redis, .timeLimit(.minutes(3))) struct TroubleTests {
    private func set(_ key: String) async throws {
        let connection = RedisConnection(try RedisServer.current.url, name: "test")
        try await connection.connect()
        var command = RedisCommand("SET", arguments: 2)
        command.append(key)
        command.append("x")
        _ = try await connection.send(command)
        await connection.close()
    }

    /// One job after the other: each needs a reserve of its own.
    private func rounds(in seconds: Int, _ count: Int, _ enqueue: Enqueue, _ queue: QueueName) async throws {
        for _ in 0..<count {
            let id = try await enqueue.add(NewJob("test.nothing", arguments: [], in: queue)).id
            #expect(try await enqueue.wait(for: id, timeout: .seconds(seconds)).state == .succeeded)
        }
    }

    /// Of a queue named `broken`, with what it is called here.
    @Test(arguments: ["queued:2", "bell", "workers", "later", "meta"])
    func aBrokenQueueCostsItsNeighbourNothing(key: String) async throws {
        let (broken, sound) = (try QueueName("broken"), try QueueName("sound"))
        let url = try RedisServer.current.url
        let lapses = LogBook()
        let worker = Worker(
            redis: url,
            options: WorkerOptions(
                queues: [(broken, 1), (sound, 1)], concurrency: 1, lease: .seconds(20), beat: .milliseconds(100)),
            logger: lapses.logger
        ) { Nothing.self }
        let enqueue = try await Enqueue(redis: url)
        async let working: Void = worker.run()
        while lapses.lines("joined").isEmpty { await lapses.written.next() }
        // What was there goes with it.
        try await set("ph:{broken}:" + key)
        try await rounds(in: 20, 3, enqueue, sound)
        let start = ContinuousClock.now
        try await rounds(in: 20, 100, enqueue, sound)
        // With a failed round for every second one they took at least 50 ms each time.
        print("100 jobs beside a broken \(key): \(ContinuousClock.now - start)")
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(lapses.lines("lease lapsed: running jobs are cancelled here and run elsewhere").isEmpty)
        worker.stop()
        try await working
        await enqueue.close()
    }

    /// A worker that has just joined: Redis has not seen most scripts, and has no time to load them.
    @Test(arguments: [SIGSTOP, SIGKILL]) func itStopsWithinTheGraceWithoutRedis(signal: Int32) async throws {
        let server = RedisServer.current
        let began = Signals()
        let book = LogBook()
        let options = WorkerOptions(
            concurrency: 2, grace: .seconds(1), lease: .seconds(60), beat: .milliseconds(200))
        let worker = Worker(redis: try server.url, options: options, logger: book.logger) {
            Handler(raw: "test.long") { _, _ in
                began.fire()
                try await Task.sleep(for: .seconds(600))  // ends when it is cancelled
                return []
            }
        }
        let enqueue = try await Enqueue(redis: try server.url)
        async let working: Void = worker.run()
        _ = try await enqueue.add(job("test.long"))
        await began.next()
        kill(server.pid, signal)
        let start = ContinuousClock.now
        worker.stop()
        try await working
        #expect(ContinuousClock.now - start < .seconds(6))
        kill(server.pid, SIGCONT)
        await enqueue.close()
    }
}
