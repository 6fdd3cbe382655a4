import Enqueue
import Foundation
import Queue
import PackhorseRedis
import Synchronization
import Servers
import TestSupport
import Testing

@testable import Worker

@Suite(.redis, .timeLimit(.minutes(3))) struct WorkerTests {
    @Test func aTypedJobAnswers() async throws {
        try await withWorker {
            Add.self
            Nothing.self
        } body: { enqueue, _ in
            let sum = try await enqueue.add(Add(a: 2, b: 3))
            #expect(try await sum.result(timeout: .seconds(10)) == 5)
            try await enqueue.add(Nothing()).result(timeout: .seconds(10))
            let record = try await sum.status()
            #expect(record.state == .succeeded)
            #expect(record.attempt == 1)
            #expect(record.failures == 0)
            #expect(record.result == Payload(Array("5".utf8)))
            #expect(record.worker?.contains(":\(ProcessInfo.processInfo.processIdentifier):") == true)
        }
    }

    @Test func aFailedAttemptIsRepeatedAndItsErrorsAreKept() async throws {
        try await withWorker {
            Handler(raw: "test.third", retry: .exponential(base: .milliseconds(10))) { _, context in
                if context.failures < 2 { throw Flaw() }
                return Payload(Array("\(context.attempt)".utf8))
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.third")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.state == .succeeded)
            #expect(record.result == Payload(Array("3".utf8)))
            #expect(record.failures == 2)
            #expect(record.errors.map(\.attempt) == [2, 1])
            #expect(record.errors.first?.failure.type == "Flaw")
        }
    }

    @Test func theLastFailureMakesItDeadAndRetryRunsItAgain() async throws {
        let works = Atomic<Bool>(false)
        try await withWorker {
            Handler(raw: "test.once", retry: .never) { _, _ in
                if !works.load(ordering: .relaxed) { throw Flaw() }
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.once")).id
            #expect(try await enqueue.wait(for: id, timeout: .seconds(10)).state == .dead)
            works.store(true, ordering: .relaxed)
            try await enqueue.queue(.default).retry(id)
            let record = try await enqueue.wait(for: id, timeout: .seconds(10))
            #expect(record.state == .succeeded)
            #expect(record.attempt == 2)
            #expect(record.failures == 0)
        }
    }

    @Test func aRetriedJobResumesAfterItsLastFinishedStep() async throws {
        let runs = Mutex<[String]>([])
        try await withWorker {
            Handler(raw: "test.steps", retry: .exponential(base: .milliseconds(10))) { _, context in
                let first = try await context.step("first") {
                    runs.withLock { $0.append("first") }
                    return 20
                }
                let second = try await context.step("second") {
                    runs.withLock { $0.append("second") }
                    if context.attempt == 1 { throw Flaw() }
                    return 22
                }
                return Payload(Array("\(first + second)".utf8))
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.steps")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.result == Payload(Array("42".utf8)))
            #expect(runs.withLock { $0 } == ["first", "second", "second"])
            #expect(try await enqueue.queue(.default).steps(of: id).isEmpty, "a succeeded job keeps no steps")
        }
    }

    @Test func theResultOfAStepObeysTheLimitOfItsWorker() async throws {
        try await withWorker(WorkerOptions(resultLimit: 2000)) {
            Handler(raw: "test.step", retry: .never) { _, context in
                _ = try await context.step("large") { String(repeating: "x", count: 1999) }
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.step")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(10))
            #expect(record.error?.message.contains("'large' has 2001 bytes, the limit is 2000") == true)
        }
    }

    @Test func progressIsSeenWhileItRuns() async throws {
        let go = Signals()
        try await withWorker {
            Handler(raw: "test.pages") { _, context in
                context.progress(3, of: 12, note: "page 3")
                await go.next()
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.pages")).id
            var seen: [UInt8]?
            while seen == nil { seen = try await enqueue.status(id).progress }
            let progress = try JSONSerialization.jsonObject(with: Data(seen ?? [])) as? [String: Any]
            #expect(progress?["done"] as? Int == 3)
            #expect(progress?["of"] as? Int == 12)
            go.fire()
            #expect(try await enqueue.wait(for: id, timeout: .seconds(10)).state == .succeeded)
        }
    }

    @Test func aJobOfAnUnknownTypeIsKeptForAnotherWorker() async throws {
        try await withWorker {
            Add.self
        } body: { enqueue, _ in
            let newer = try NewJob(Add.type, version: 2, arguments: Array("{}".utf8), in: .default)
            let ids = [try await enqueue.add(job("test.unheard")).id, try await enqueue.add(newer).id]
            var stats = try await enqueue.queue(.default).stats().queue
            while stats.unclaimed < 2 { stats = try await enqueue.queue(.default).stats().queue }
            for id in ids { #expect(try await enqueue.status(id).state == .queued) }
            #expect(stats.queued == 2)
            #expect(stats.totals.failedAttempts == 0)
        }
    }

    @Test func whatCanNotBeDecodedOrEncodedIsDeadWithTheReason() async throws {
        struct Infinite: Job {
            static let type = "test.infinite"
            func run(_ context: JobContext) async throws -> Double { .infinity }
        }
        try await withWorker(WorkerOptions(resultLimit: 2000)) {
            Add.self
            Infinite.self
            Handler(raw: "test.large") { _, _ in Payload([UInt8](repeating: 48, count: 2001)) }
        } body: { enqueue, _ in
            for (job, type) in [
                (try job(Add.type, #"{"a":"one"}"#), "undecodable"), (try job(Add.type, "not JSON"), "undecodable"),
                (try job("test.infinite"), "unencodable"), (try job("test.large"), "resultTooLarge"),
            ] {
                let record = try await enqueue.wait(for: try await enqueue.add(job).id, timeout: .seconds(10))
                #expect(record.state == .dead)
                #expect(record.error?.type == type)
                #expect(record.failures == 1)
            }
        }
    }

    @Test func handlersThatBlockTheirThreadsStopNobodyElse() async throws {
        let release = DispatchSemaphore(value: 0)
        try await withWorker(WorkerOptions(concurrency: 12)) {
            Handler(raw: "test.block") { _, _ in
                hold(release)
                return []
            }
            Add.self
        } body: { enqueue, worker in
            let blocked = try await enqueue.add(all: (0..<8).map { _ in try job("test.block") })
            #expect(try await enqueue.add(Add(a: 1, b: 1)).result(timeout: .seconds(20)) == 2)
            #expect(worker.isReady)
            for _ in blocked { release.signal() }
            for job in blocked {
                #expect(try await enqueue.wait(for: job.id, timeout: .seconds(20)).state == .succeeded)
            }
        }
    }

    /// Redis takes no writes for a while, as with a full disk: the outcome waits for that.
    @Test func anOutcomeWaitsUntilRedisTakesWritesAgain() async throws {
        let admin = RedisConnection(try RedisServer.current.url, name: "admin")
        try await admin.connect()
        @Sendable func needReplicas(_ count: String) async throws {
            var set = RedisCommand("CONFIG", arguments: 3)
            for word in ["SET", "min-replicas-to-write", count] { set.append(word) }
            #expect(try await admin.send(set).string == "OK")
        }
        try await withWorker(WorkerOptions(concurrency: 2, lease: .seconds(100), beat: .seconds(50))) {
            Handler(raw: "test.busy") { _, _ in
                try await needReplicas("1")
                return Payload(Array("7".utf8))
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.busy")).id
            var get = RedisCommand("CONFIG", arguments: 2)
            for word in ["GET", "min-replicas-to-write"] { get.append(word) }
            while try await admin.send(get).array?.last?.string != "1" {}
            try await Task.sleep(for: .milliseconds(300))  // some attempts to settle are refused
            try await needReplicas("0")
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.state == .succeeded)
            #expect(record.attempt == 1)
        }
        await admin.close()
    }

    @Test func aHugeRetryAfterWaitsAsLongAsAJobMay() async throws {
        try await withWorker {
            Handler(raw: "test.later") { _, _ in throw RetryAfter(.seconds(1_000_000_000_000_000_000)) }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.later")).id
            try await Scratch.wait("the job to be put off") {
                try await enqueue.queue(.default).status(id).state == .retrying
            }
        }
    }

    @Test func drainEndsWhenThereIsNothingToDo() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        _ = try await enqueue.add(all: (0..<500).map { Add(a: $0, b: 1) })
        _ = try await enqueue.add(Add(a: 1, b: 1), after: .seconds(3600))
        let worker = Worker(redis: url, options: WorkerOptions(concurrency: 32, drain: true), logger: quiet) {
            Add.self
        }
        try await worker.run()
        let stats = try await enqueue.queue(.default).stats().queue
        #expect(stats.succeeded == 500)
        #expect(stats.scheduled == 1)
        #expect(stats.queued == 0)
        #expect(stats.running == 0)
    }

    @Test func aRestartedRedisCostsNothingThatWasStored() async throws {
        try await withWorker {
            Add.self
        } body: { enqueue, _ in
            #expect(try await enqueue.add(Add(a: 1, b: 1)).result(timeout: .seconds(10)) == 2)
            try await RedisServer.current.restart()
            // Without persistence everything is gone, scripts included: the worker joins again by itself.
            #expect(try await enqueue.add(Add(a: 2, b: 2)).result(timeout: .seconds(30)) == 4)
        }
    }

    @Test func queuesAreServedByWeightAndNoneStarves() async throws {
        let other = try QueueName("other")
        let options = WorkerOptions(queues: [(.default, 3), (other, 1)], concurrency: 4)
        try await withWorker(options) {
            Add.self
        } body: { enqueue, _ in
            let first = try await enqueue.add(all: (0..<200).map { Add(a: $0, b: 0) })
            let second = try await enqueue.add(all: (0..<200).map { Add(a: $0, b: 0) }, to: other)
            for (i, job) in (first + second).enumerated() {
                #expect(try await job.result(timeout: .seconds(20)) == i % 200)
            }
        }
    }
}
