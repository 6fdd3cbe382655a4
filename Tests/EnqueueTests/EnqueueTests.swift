import Foundation
import Queue
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Enqueue

struct Note: JobRequest, Equatable {
    static let type = "test.note"
    typealias Output = String
    var text: String
}

@Suite(.redis, .timeLimit(.minutes(3))) struct EnqueueTests {
    /// Acts as a worker: takes one job and settles it.
    private func work(_ queue: Queue, as outcome: Outcome, by worker: String = "w") async throws {
        try await queue.join(worker, lease: .seconds(60), about: "{}")
        let claim = try #require(
            try await queue.reserve(upTo: 1, by: worker).claims.first)
        #expect(try await queue.settle([Settled(claim, outcome)], by: worker).isEmpty)
    }

    @Test func aResultComesWithoutPolling() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let queue = enqueue.queue(.default)
        let note = try await enqueue.add(Note(text: "hay"))
        async let answer = note.result(timeout: .seconds(30))
        // The wait has asked once and listens now.
        let observer = RedisConnection(try RedisServer.current.url, name: "observer")
        try await observer.connect()
        var numsub = RedisCommand("PUBSUB", arguments: 2)
        numsub.append("NUMSUB")
        numsub.append(queue.name(of: .ended))
        while try await observer.send(numsub).array?.last?.int != 1 {}
        // Once it listens it looks a last time; from then on the count does not change.
        var counts = [-1, try await calls(observer)]
        while counts.suffix(2).first != counts.last {
            try await Task.sleep(for: .milliseconds(400))  // long enough for a poll to show
            counts.append(try await calls(observer))
        }
        #expect(counts.count <= 5, "something is asked again and again while it waits: \(counts)")
        try await work(queue, as: .succeeded(result: Payload(Array(#""straw""#.utf8)), dropsSteps: false))
        #expect(try await answer == "straw")
        await enqueue.close()
        await observer.close()
    }

    @Test func callersCannotMakeUpQueuesWithoutEnd() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        var names = RedisCommand("SADD", arguments: 1 + Queue.countLimit)
        names.append("ph:queues")
        for i in 1...Queue.countLimit { names.append("q\(i)") }
        _ = try await enqueue.connection.send(names)
        let one = try QueueName("q7"), more = try QueueName("q1001")
        let error = await #expect(throws: QueueError.self) { try await enqueue.add(Note(text: "hay"), to: more) }
        guard case .invalid(let reason) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(reason.contains("q1001"))
        #expect(reason.contains("1000"))
        #expect(try await enqueue.queue(more).stats().queue.queued == 0)
        _ = try await enqueue.add(Note(text: "hay"), to: one)
        #expect(try await enqueue.queue(one).stats().queue.queued == 1)
        await enqueue.close()
    }

    @Test func aSubscriptionEndsSomeTimeAfterTheLastWait() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        let watcher = CompletionWatcher(url, enqueue.connection, linger: .milliseconds(50))
        let note = try await enqueue.add(Note(text: "hay")).id
        for _ in 0..<2 {
            #expect(try await watcher.wait(for: note, timeout: .milliseconds(200)).state == .queued)
            try await Scratch.wait("the subscription to end") {
                var numsub = RedisCommand("PUBSUB", arguments: 2)
                numsub.append("NUMSUB")
                numsub.append(enqueue.queue(.default).name(of: .ended))
                return try await enqueue.connection.send(numsub).array?.last?.int == 0
            }
        }
        async let ended = watcher.wait(for: note, timeout: .seconds(30))
        try await work(enqueue.queue(.default), as: .succeeded(result: Payload(Array("1".utf8)), dropsSteps: false))
        #expect(try await ended.state == .succeeded)
        await watcher.close()
        await enqueue.close()
    }

    private func calls(_ connection: RedisConnection) async throws -> Int {
        var info = RedisCommand("INFO", arguments: 1)
        info.append("commandstats")
        let text = try await connection.send(info).string ?? ""
        let line = text.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_evalsha:") }
        return line.flatMap { Int($0.split(separator: "=")[1].split(separator: ",")[0]) } ?? 0
    }

    @Test func anUnknownIdIsUnknownAndNotPending() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let id = JobID(in: .default)
        #expect(try await enqueue.status(id).state == .unknown)
        #expect(try await enqueue.wait(for: id, timeout: .seconds(30)).state == .unknown)
        await #expect(throws: JobError.unknown(id)) {
            try await enqueue.job(id, of: Note.self).result(timeout: .seconds(30))
        }
        await enqueue.close()
    }

    @Test func aWaitEndsAtItsTimeWithTheStateThatIs() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let note = try await enqueue.add(Note(text: "a"))
        await #expect(throws: JobError.timedOut(note.id, .queued)) {
            try await note.result(timeout: .milliseconds(50))
        }
        await enqueue.close()
    }

    @Test func aFailureIsReportedWithItsReason() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let note = try await enqueue.add(Note(text: "a"))
        let failure = JobFailure(type: "Flaw", message: "no ink", retryable: false)
        try await work(enqueue.queue(.default), as: .dead(failure))
        await #expect(throws: JobError.failed(note.id, .dead, failure)) {
            try await note.result(timeout: .seconds(10))
        }
        await enqueue.close()
    }

    /// Adds that gather share a write, but each returns what happened to its own job.
    @Test func anAddThatIsRefusedIsNotStored() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let redis = RedisConnection(try RedisServer.current.url, name: "test")
        try await redis.connect()
        _ = try await enqueue.add(Note(text: "first"))
        var info = RedisCommand("EVAL", arguments: 2)
        info.append("return redis.call('INFO', 'memory')")
        info.append("0")
        let used = try await redis.send(info).string?.split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix("used_memory:") }.flatMap { Int($0.dropFirst("used_memory:".count)) }
        var limit = RedisCommand("CONFIG", arguments: 3)
        for word in ["SET", "maxmemory", "\(try #require(used) + (30 << 20))"] { limit.append(word) }
        _ = try await redis.send(limit)
        let arguments = Array(("[\"" + String(repeating: "x", count: 900_000) + "\"]").utf8)
        let jobs = try (0..<40).map { _ in try NewJob("test.large", arguments: arguments, in: .default) }
        await RedisServer.current.pause()
        let answers = await withTaskGroup(of: (JobID, Bool).self) { group in
            for job in jobs { group.addTask { (job.id, (try? await enqueue.add(job)) != nil) } }
            try? await Task.sleep(for: .milliseconds(100))  // so that they gather; without it the test shows less
            RedisServer.current.resume()
            var answers: [JobID: Bool] = [:]
            for await (id, stored) in group { answers[id] = stored }
            return answers
        }
        for (id, stored) in answers { #expect(try await enqueue.status(id).state == (stored ? .queued : .unknown)) }
        #expect(Set(answers.values) == [true, false])
        await redis.close()
        await enqueue.close()
    }

    @Test func aQueueIsListedAgainWhenRedisHasLostItsData() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        _ = try await enqueue.add(Note(text: "before"))
        try await RedisServer.current.restart()
        try await Scratch.wait("Redis to be back") { (try? await enqueue.add(Note(text: "after"))) != nil }
        _ = try await enqueue.add(Note(text: "the first one that knows of it"))
        #expect(try await enqueue.queues().map(\.name) == [.default])
        await enqueue.close()
    }

    @Test func waitsSurviveALostConnection() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let note = try await enqueue.add(Note(text: "a"))
        async let answer = note.result(timeout: .seconds(30))
        let observer = RedisConnection(try RedisServer.current.url, name: "observer")
        try await observer.connect()
        var kill = RedisCommand("CLIENT", arguments: 3)
        kill.append("KILL")
        kill.append("TYPE")
        kill.append("pubsub")
        while try await observer.send(kill).int == 0 {}
        try await work(enqueue.queue(.default), as: .succeeded(result: Payload(Array(#""b""#.utf8)), dropsSteps: false))
        #expect(try await answer == "b")
        await enqueue.close()
        await observer.close()
    }

    @Test func aWaitEndsWhenRedisStaysAway() async throws {
        let server = RedisServer.current
        let enqueue = try await Enqueue(redis: server.url)
        let note = try await enqueue.add(Note(text: "hay"))
        let answer = Task { try await note.result(timeout: .seconds(600)) }
        let observer = RedisConnection(try server.url, name: "observer")
        try await observer.connect()
        var numsub = RedisCommand("PUBSUB", arguments: 2)
        numsub.append("NUMSUB")
        numsub.append(enqueue.queue(.default).name(of: .ended))
        while try await observer.send(numsub).array?.last?.int != 1 {}
        await observer.close()
        await server.kill()
        await #expect(throws: QueueError.self) { _ = try await answer.value }
        try await server.restart()
        await enqueue.close()
    }

    @Test func manyCallersShareFewWrites() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let observer = RedisConnection(try RedisServer.current.url, name: "observer")
        try await observer.connect()
        _ = try await enqueue.add(Note(text: "first"))
        let before = try await calls(observer)
        let ids = try await withThrowingTaskGroup(of: JobID.self) { group in
            for i in 0..<2000 { group.addTask { try await enqueue.add(Note(text: "\(i)")).id } }
            return try await group.reduce(into: Set<JobID>()) { $0.insert($1) }
        }
        #expect(ids.count == 2000)
        #expect(try await enqueue.queue(.default).stats().queue.queued == 2001)
        #expect(try await calls(observer) - before < 1000)
        await enqueue.close()
        await observer.close()
    }

    @Test func theSameKeyIsTheSameJob() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let options = JobOptions(key: IdempotencyKey("order 17/a"))
        let first = try await enqueue.add(Note(text: "a"), options: options)
        #expect(try await enqueue.add(Note(text: "b"), options: options).id == first.id)
        try await work(enqueue.queue(.default), as: .succeeded(result: [], dropsSteps: false))
        #expect(try await enqueue.add(Note(text: "c"), options: options).id != first.id)
        await enqueue.close()
    }

    @Test func whatIsTooLargeOrWrongIsRefusedByNameAndNotStored() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url, payloadLimit: 100)
        let text = String(repeating: "x", count: 200)
        await #expect(throws: QueueError.tooLarge(what: "the arguments of a test.note job", bytes: 211, limit: 100)) {
            _ = try await enqueue.add(Note(text: text))
        }
        #expect(throws: QueueError.self) { _ = try QueueName("Not A Queue") }
        #expect(throws: QueueError.self) { _ = try JobID("no-dot") }
        #expect(throws: QueueError.self) { _ = try NewJob("no space", arguments: [], in: .default) }
        #expect(try await enqueue.queue(.default).stats().queue.queued == 0)
        await enqueue.close()
    }

    @Test func aFullRedisStoresNothingSaysSoAndCanBeDrained() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let queue = enqueue.queue(.default)
        let note = try await enqueue.add(Note(text: "a"))
        let admin = RedisConnection(try RedisServer.current.url, name: "admin")
        try await admin.connect()
        var limit = RedisCommand("CONFIG", arguments: 3)
        limit.append("SET")
        limit.append("maxmemory")
        limit.append(1)
        _ = try await admin.send(limit)
        let refusal = await #expect(throws: QueueError.self) { _ = try await enqueue.add(Note(text: "b")) }
        guard case .full(let message)? = refusal, message.hasPrefix("OOM") else {
            Issue.record("a full Redis must say so: \(String(describing: refusal))")
            return
        }
        try await work(queue, as: .succeeded(result: Payload(Array(#""done""#.utf8)), dropsSteps: false))
        #expect(try await note.result(timeout: .seconds(10)) == "done")
        #expect(try await queue.stats().queue.totals.enqueued == 1)
        await enqueue.close()
        await admin.close()
    }
}
