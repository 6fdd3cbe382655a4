import Enqueue
import Foundation
import Glibc
import PackhorseRedis
import Queue
import Servers
import TestSupport
import Testing

/// What a worker says of the Redis that it is given, and of how it was started.
@Suite struct ServerTests {
    @Test(.redis("--maxmemory-policy", "volatile-ttl")) func aServerThatMayEvictKeysIsRefused() async throws {
        let worker = try WorkerProcess(["run"], redis: .current)
        #expect(try await worker.ended() == 2)
        let reason = try #require(worker.records("worker can't start").first?["reason"] as? String)
        #expect(reason.contains("volatile-ttl"))
        #expect(reason.contains("noeviction"))
        #expect(reason.contains("PACKHORSE_ALLOW_EVICTION"))
    }

    @Test(.redis("--maxmemory-policy", "allkeys-lru")) func aServerThatMayEvictKeysIsTakenIfASettingAllowsIt()
        async throws
    {
        let worker = try WorkerProcess(
            ["run", "--http-port", "0"], redis: .current, environment: ["PACKHORSE_ALLOW_EVICTION": "true"])
        try await worker.logged("joined")
        #expect(worker.records("Redis endangers jobs").contains { $0["concern"] as? String == "evicts" })
        #expect(try await worker.get("/readyz").body.contains("allkeys-lru"))
        let metrics = try await worker.get("/metrics").body
        #expect(metrics.contains("packhorse_redis_concern{concern=\"evicts\"} 1\n"))
        #expect(metrics.contains("packhorse_redis_concern{concern=\"replica\"} 0\n"))
        worker.signal(SIGTERM)
        #expect(try await worker.ended() == 0)
    }

    @Test(.redis("--maxmemory-policy", "allkeys-lru")) func configCheckNamesIt() async throws {
        let check = try WorkerProcess(["config", "check"], redis: .current)
        #expect(try await check.ended() == 2)
        #expect(check.output.contains("error: Redis may drop jobs"))
    }

    @Test(.redis) func configCheckWarnsOfAServerThatKeepsNothing() async throws {
        let check = try WorkerProcess(["config", "check"], redis: .current)
        #expect(try await check.ended() == 0)
        #expect(check.output.contains("warning: Redis keeps nothing on disk"))
    }

    /// The terminal is closed, or the ssh session ends.
    @Test(.redis) func aHangUpGivesJobsBack() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let id = try await enqueue.add(
            NewJob("system.sleep", arguments: Array(#"{"seconds":600}"#.utf8), in: .default)
        ).id
        for attempt in 1...3 {
            let worker = try WorkerProcess(["run", "--grace", "0s"], redis: .current)
            try await Scratch.wait("the job to run") { try await enqueue.status(id).state == .running }
            worker.signal(SIGHUP)
            #expect(try await worker.ended() == 0)
            let record = try await enqueue.status(id)
            #expect(record.state == .queued)
            #expect(record.attempt == attempt)
            #expect(record.crashes == 0)
        }
        await enqueue.close()
    }

    /// What stalls is Redis: no worker dies, and so no crash is counted.
    @Test(.redis, .timeLimit(.minutes(2))) func aStallOfRedisCostsNoCrash() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let id = try await enqueue.add(
            NewJob("system.sleep", arguments: Array(#"{"seconds":600}"#.utf8), in: .default)
        ).id
        let environment = ["PACKHORSE_LEASE": "500ms"]
        let workers = try (0..<2).map { _ in
            try WorkerProcess(["run", "--grace", "0s"], redis: .current, environment: environment)
        }
        func joined() -> [Int] { workers.map { $0.records("joined").count } }
        func lapsed() -> [Int] {
            workers.map { $0.records("lease lapsed: running jobs are cancelled here and run elsewhere").count }
        }
        for round in 1...4 {
            try await Scratch.wait("both workers to join, round \(round)") {
                zip(joined(), lapsed()).allSatisfy { $0 > $1 }
            }
            try await Scratch.wait("the job to run") { try await enqueue.status(id).state == .running }
            let before = lapsed()
            await RedisServer.current.pause()
            try await Scratch.wait("both leases to lapse, round \(round)") {
                zip(lapsed(), before).allSatisfy { $0 > $1 }
            }
            RedisServer.current.resume()
        }
        try await Scratch.wait("the job to run") { try await enqueue.status(id).state == .running }
        #expect(try await enqueue.status(id).crashes == 0)
        for worker in workers { worker.signal(SIGTERM) }
        for worker in workers { #expect(try await worker.ended() == 0) }
        await enqueue.close()
    }
}
