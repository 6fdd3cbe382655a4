import Enqueue
import Foundation
import Glibc
import Queue
import PackhorseRedis
import Servers
import TestSupport
import Testing

@Suite struct RunTests {
    private func add(
        _ type: String, _ arguments: String = "{}", to enqueue: Enqueue, options: JobOptions = JobOptions()
    ) async throws -> JobID {
        try await enqueue.add(NewJob(type, arguments: Array(arguments.utf8), in: .default, options: options)).id
    }

    private func isRunning(_ id: JobID, _ enqueue: Enqueue) async throws -> Bool {
        try await enqueue.status(id).state == .running
    }

    /// Of the only worker.
    private func lastBeat(_ enqueue: Enqueue) async throws -> String {
        try #require(try await enqueue.queue(.default).stats().workers.first).lastBeat
    }

    @Test(.redis) func drainDoesAllAndEnds() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        var ids: [JobID] = []
        for _ in 0..<20 { ids.append(try await add("system.noop", #"{"any":["thing"]}"#, to: enqueue)) }
        let worker = try WorkerProcess(["run", "--drain"], redis: .current)
        #expect(try await worker.ended() == 0)
        for id in ids {
            let record = try await enqueue.status(id)
            #expect(record.state == .succeeded)
            #expect(record.result == Payload(Array("null".utf8)))
        }
        await enqueue.close()
    }

    @Test(.redis) func runIsTheDefaultAndServesTheQueuesThatItIsGiven() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let other = try await enqueue.add(NewJob("system.noop", arguments: [], in: QueueName("other"))).id
        let mine = try await enqueue.add(NewJob("system.noop", arguments: [], in: QueueName("mine"))).id
        let worker = try WorkerProcess(["--queues", "mine:2,also", "--drain"], redis: .current)
        #expect(try await worker.ended() == 0)
        #expect(try await enqueue.status(mine).state == .succeeded)
        #expect(try await enqueue.status(other).state == .queued)
        await enqueue.close()
    }

    @Test(.redis) func theFirstSignalLetsRunningJobsEnd() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let running = try await add("system.sleep", #"{"seconds":10}"#, to: enqueue)
        let worker = try WorkerProcess(["run", "--concurrency", "1", "--grace", "5m"], redis: .current)
        try await Scratch.wait("it runs") { try await isRunning(running, enqueue) }
        worker.signal(SIGTERM)
        try await worker.logged("waiting for running jobs")
        let waiting = try await add("system.noop", to: enqueue)
        #expect(try await worker.ended(within: .seconds(60)) == 0)
        #expect(try await enqueue.status(running).state == .succeeded)
        #expect(try await enqueue.status(waiting).state == .queued)
        #expect(try await enqueue.queue(.default).stats().queue.running == 0)
        await enqueue.close()
    }

    @Test(.redis, arguments: [SIGTERM, SIGINT]) func theSecondSignalGivesJobsBackAtOnce(number: Int32) async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let id = try await add("system.sleep", #"{"seconds":600}"#, to: enqueue)
        let worker = try WorkerProcess(["run", "--grace", "5m"], redis: .current)
        try await Scratch.wait("it runs") { try await isRunning(id, enqueue) }
        worker.signal(number)
        try await worker.logged("waiting for running jobs")
        worker.signal(number)
        // Long before the grace period is over.
        #expect(try await worker.ended(within: .seconds(60)) == 0)
        let record = try await enqueue.status(id)
        #expect(record.state == .queued)
        #expect(record.failures == 0)
        #expect(record.crashes == 0)
        await enqueue.close()
    }

    @Test(.redis) func jobsAreGivenBackAfterTheGracePeriod() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let id = try await add("system.sleep", #"{"seconds":600}"#, to: enqueue)
        let worker = try WorkerProcess(["run", "--grace", "100ms"], redis: .current)
        try await Scratch.wait("it runs") { try await isRunning(id, enqueue) }
        worker.signal(SIGTERM)
        #expect(try await worker.ended() == 0)
        let record = try await enqueue.status(id)
        #expect(record.state == .queued)
        #expect(record.failures == 0)
        #expect(record.crashes == 0)
        await enqueue.close()
    }

    @Test(.redis) func busyHandlersHoldUpNothingElse() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        var busy: [JobID] = []
        for _ in 0..<cores + 2 { busy.append(try await add("system.spin", #"{"seconds":600}"#, to: enqueue)) }
        let worker = try WorkerProcess(
            ["run", "--concurrency", "\(cores + 4)", "--grace", "0s", "--http-port", "0"], redis: .current)
        for id in busy { try await Scratch.wait("it runs") { try await isRunning(id, enqueue) } }

        let short = try await add("system.sleep", to: enqueue)
        #expect(try await enqueue.wait(for: short, timeout: .seconds(20)).state == .succeeded)
        for beat in 1...2 {
            let last = try await lastBeat(enqueue)
            try await Scratch.wait("beat \(beat)") { try await lastBeat(enqueue) > last }
        }
        #expect(try await worker.healthcheck().code == 0)
        try await Scratch.wait("ready") { try await worker.get("/readyz").status == 200 }
        #expect(worker.records("lease lapsed: running jobs are cancelled here and run elsewhere").isEmpty)
        for id in busy { #expect(try await isRunning(id, enqueue)) }

        worker.signal(SIGTERM)
        #expect(try await worker.ended() == 0)
        for id in busy {
            let record = try await enqueue.status(id)
            #expect(record.state == .queued)
            #expect(record.failures == 0)
            #expect(record.crashes == 0)
        }
        await enqueue.close()
    }

    @Test(.redis) func logLinesOfAJobSayWhichItIs() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let id = try await add(
            "system.fail", #"{"message":"no\nluck"}"#, to: enqueue,
            options: JobOptions(maxAttempts: 1, traceparent: "00-\(trace)-b7ad6b7169203331-01"))
        let worker = try WorkerProcess(["run", "--drain"], redis: .current)
        #expect(try await worker.ended() == 0)
        let record = try await worker.logged("job is dead")
        #expect(record["job"] as? String == id.text)
        #expect(record["type"] as? String == "system.fail")
        #expect(record["queue"] as? String == "default")
        #expect(record["attempt"] as? Int == 1)
        #expect(record["trace"] as? String == trace)
        #expect(record["level"] as? String == "error")
        #expect(record["reason"] as? String == "no\nluck")
        for line in worker.log.split(separator: "\n") {
            #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) is [String: Any], "\(line)")
        }
        await enqueue.close()
    }

    @Test func withoutRedisItEndsWithThree() async throws {
        let worker = try WorkerProcess(["run"], environment: ["REDIS_URL": "redis://:hunter22@127.0.0.1:1"])
        #expect(try await worker.ended() == 3)
        #expect(worker.log.contains("127.0.0.1:1 is unreachable"))
        #expect(!worker.log.contains("hunter22"))
    }

    /// Only Redis knows that the name is one too many: trying again would not help.
    @Test(.redis) func oneQueueTooManyEndsWithCodeTwo() async throws {
        let redis = RedisConnection(try RedisServer.current.url, name: "test")
        try await redis.connect()
        var add = RedisCommand("SADD", arguments: 1001)
        add.append("ph:queues")
        for i in 0..<1000 { add.append("q\(i)") }
        _ = try await redis.send(add)
        await redis.close()
        let worker = try WorkerProcess(["run", "--queues", "another"], redis: .current)
        #expect(try await worker.ended() == 2)
        #expect(worker.log.contains("queue 'another' is new, and there are already"))
    }

    @Test(
        arguments: [
            (["run", "--nonsense"], [:]), (["run", "--concurrency", "0"], [:]), (["run", "--queues", "A"], [:]),
            (["run", "--grace", "soon"], [:]), (["nonsense"], [:]), (["run"], ["PACKHORSE_LEASE": "1"]),
            (["run"], ["REDIS_URL": "localhost"]), (["run"], ["PACKHORSE_LOG_LEVEL": "loud"]),
            (["config", "check"], ["PACKHORSE_CONCURRENCY": "-1"]),
        ] as [([String], [String: String])])
    func wrongArgumentsAndSettingsEndWithTwo(arguments: [String], environment: [String: String]) async throws {
        let worker = try WorkerProcess(arguments, environment: environment)
        #expect(try await worker.ended() == 2)
        if let name = environment.keys.first { #expect((worker.log + worker.output).contains(name)) }
        #expect(worker.output.isEmpty == (arguments.first == "run" || arguments == ["nonsense"]))
    }

    @Test(arguments: [
        ["--help"], ["run", "--help"], ["healthcheck", "--help"], ["config", "check", "--help"],
        ["config", "table", "--help"], ["types", "--help"],
    ])
    func everyCommandHasHelpWithAnExample(arguments: [String]) async throws {
        let worker = try WorkerProcess(arguments)
        #expect(try await worker.ended() == 0)
        #expect(worker.output.contains("Example: "))
    }
}
