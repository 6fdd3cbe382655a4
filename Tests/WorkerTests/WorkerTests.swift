import Enqueue
import Foundation
import Logging
import Queue
import Redis
import Synchronization
import Servers
import TestSupport
import Testing

@testable import Worker

/// A worker and a producer on the test's own server. The worker is stopped at the end of `body`.
private func withWorker(
    _ options: WorkerOptions = WorkerOptions(concurrency: 8, grace: .seconds(5)),
    @Registry.Builder _ handlers: () -> [Handler], body: (Enqueue, Worker) async throws -> Void
) async throws {
    let url = try RedisServer.current.url
    let worker = Worker(redis: url, options: options, logger: quiet, registry: Registry(handlers))
    let enqueue = try await Enqueue(redis: url)
    async let working: Void = worker.run()
    do {
        try await body(enqueue, worker)
    } catch {
        worker.stopNow()
        try? await working
        throw error
    }
    worker.stopNow()
    try await working
    await enqueue.close()
}

private var quiet: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}

private func job(_ type: String, _ arguments: String = "{}", options: JobOptions = JobOptions()) throws -> NewJob {
    try NewJob(type, arguments: Array(arguments.utf8), in: .default, options: options)
}

struct Add: Job {
    static let type = "test.add"
    var a: Int
    var b: Int
    func run(_ context: JobContext) async throws -> Int { a + b }
}

struct Nothing: Job {
    static let type = "test.nothing"
    func run(_ context: JobContext) async throws {}
}

struct Flaw: Error {}

@Suite(.redis, .timeLimit(.minutes(1))) struct WorkerTests {
    @Test func aTypedJobAnswers() async throws {
        try await withWorker {
            Add.self
            Nothing.self
        } body: { enqueue, _ in
            let sum = try await enqueue.add(Add(a: 2, b: 3))
            #expect(try await sum.result(timeout: .seconds(10)) == 5)
            try await enqueue.add(Nothing()).result(timeout: .seconds(10))
            let record = try await sum.status()
            #expect(record.state == .succeeded && record.attempt == 1 && record.failures == 0)
            #expect(record.result == Array("5".utf8))
            #expect(record.worker?.contains(":\(ProcessInfo.processInfo.processIdentifier):") == true)
        }
    }

    @Test func aFailedAttemptIsRepeatedAndItsErrorsAreKept() async throws {
        try await withWorker {
            Handler(raw: "test.third", retry: .exponential(base: .milliseconds(10))) { _, context in
                if context.failures < 2 { throw Flaw() }
                return Array("\(context.attempt)".utf8)
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.third")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.state == .succeeded && record.result == Array("3".utf8))
            #expect(record.failures == 2 && record.errors.map(\.attempt) == [2, 1])
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
            try await enqueue.queue(.default).revive(id)
            let record = try await enqueue.wait(for: id, timeout: .seconds(10))
            #expect(record.state == .succeeded && record.attempt == 2 && record.failures == 0)
        }
    }

    @Test func aRunningJobIsCancelledFromOutside() async throws {
        let began = Signals()
        try await withWorker {
            Handler(raw: "test.long") { _, _ in
                began.fire()
                try await Task.sleep(for: .seconds(60))
                return []
            }
        } body: { enqueue, worker in
            let id = try await enqueue.add(job("test.long")).id
            await began.next()
            let clock = ContinuousClock.now
            #expect(try await enqueue.cancel(id) == .running)
            let record = try await enqueue.wait(for: id, timeout: .seconds(10))
            #expect(record.state == .cancelled && record.failures == 0)
            #expect(clock.duration(to: .now) < .seconds(5))
            // The runner went with its task; another one takes the next job.
            #expect(try await enqueue.add(job("test.long")).id != id)
            await began.next()
        }
    }

    @Test func anAttemptEndsAtItsTimeout() async throws {
        try await withWorker {
            Handler(raw: "test.slow", retry: .never, timeout: .milliseconds(50)) { _, context in
                #expect(context.deadline != nil)
                try await Task.sleep(for: .seconds(60))
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.slow")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(10))
            #expect(record.state == .dead && record.error?.type == "timeout")
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
                return Array("\(first + second)".utf8)
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.steps")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.result == Array("42".utf8))
            #expect(runs.withLock { $0 } == ["first", "second", "second"])
            #expect(try await enqueue.queue(.default).steps(of: id).isEmpty, "a succeeded job keeps no steps")
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
            #expect(progress?["done"] as? Int == 3 && progress?["of"] as? Int == 12)
            go.fire()
            #expect(try await enqueue.wait(for: id, timeout: .seconds(10)).state == .succeeded)
        }
    }

    @Test func whatNobodyKnowsIsKeptForAnotherWorker() async throws {
        try await withWorker {
            Add.self
        } body: { enqueue, _ in
            let newer = try NewJob(Add.type, version: 2, arguments: Array("{}".utf8), in: .default)
            let ids = [try await enqueue.add(job("test.unheard")).id, try await enqueue.add(newer).id]
            var stats = try await enqueue.queue(.default).stats().queue
            while stats.unclaimed < 2 { stats = try await enqueue.queue(.default).stats().queue }
            for id in ids { #expect(try await enqueue.status(id).state == .queued) }
            #expect(stats.queued == 2 && stats.totals.failedAttempts == 0)
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
            Handler(raw: "test.large") { _, _ in [UInt8](repeating: 48, count: 2001) }
        } body: { enqueue, _ in
            for (job, type) in [
                (try job(Add.type, #"{"a":"one"}"#), "undecodable"), (try job(Add.type, "not JSON"), "undecodable"),
                (try job("test.infinite"), "unencodable"), (try job("test.large"), "resultTooLarge"),
            ] {
                let record = try await enqueue.wait(for: try await enqueue.add(job).id, timeout: .seconds(10))
                #expect(record.state == .dead && record.error?.type == type && record.failures == 1)
            }
        }
    }

    @Test func handlersThatBlockTheirThreadsStopNobodyElse() async throws {
        let release = DispatchSemaphore(value: 0)
        try await withWorker(WorkerOptions(concurrency: 12)) {
            Handler(raw: "test.block") { _, _ in
                blockThread(on: release)
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

    @Test func aStoppedWorkerGivesBackWhatDoesNotEnd() async throws {
        let began = Signals()
        let url = try RedisServer.current.url
        let worker = Worker(
            redis: url, options: WorkerOptions(concurrency: 2, grace: .milliseconds(50)), logger: quiet
        ) {
            Handler(raw: "test.long") { _, _ in
                began.fire()
                try await Task.sleep(for: .seconds(60))
                return []
            }
        }
        let enqueue = try await Enqueue(redis: url)
        let id = try await enqueue.add(job("test.long")).id
        async let working: Void = worker.run()
        await began.next()
        worker.stop()
        try await working
        let record = try await enqueue.status(id)
        #expect(record.state == .queued && record.failures == 0 && record.crashes == 0 && record.attempt == 1)
        let stats = try await enqueue.queue(.default).stats()
        #expect(stats.workers.isEmpty)
    }

    /// Stopping cuts off the reserve that an idle worker has waiting in Redis, sometimes in the moment in which it is
    /// given a job: while other jobs still run for seconds, that one must not wait for them.
    @Test func aJobThatComesWhileAWorkerStopsWaitsForNobody() async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        for round in 0..<30 {
            let began = Signals(), ends = Signals()
            let ran = Mutex(false)
            let worker = Worker(
                redis: url, options: WorkerOptions(concurrency: 4, grace: .seconds(30)), logger: quiet
            ) {
                Handler(raw: "test.long") { _, _ in
                    began.fire()
                    await ends.next()
                    return Array("null".utf8)
                }
                Handler(raw: "test.late") { _, _ in
                    ran.withLock { $0 = true }
                    return Array("null".utf8)
                }
            }
            _ = try await enqueue.add(job("test.long"))
            async let working: Void = worker.run()
            await began.next()
            async let late = enqueue.add(job("test.late")).id
            try await Task.sleep(for: .microseconds(40 * round))
            worker.stop()
            let id = try await late
            try await Scratch.wait("round \(round): the late job to run or to be back in the queue") {
                if ran.withLock({ $0 }) { return true }
                return try await enqueue.status(id).state == .queued
            }
            ends.fire()
            try await working
            try await enqueue.cancel(id)
        }
    }

    @Test func stoppingWhileItJoinsIsNoError() async throws {
        let url = try RedisServer.current.url
        for round in 0..<20 {
            let worker = Worker(redis: url, options: WorkerOptions(concurrency: 1), logger: quiet) { Nothing.self }
            async let working: Void = worker.run()
            try await Task.sleep(for: .microseconds(200 * round))
            worker.stopNow()
            try await working
        }
    }

    @Test func whatAHandlerDoesOnCancellationHoldsUpNothingElse() async throws {
        let gate = DispatchSemaphore(value: 0)
        let began = Signals()
        // No beat comes that would tell as well.
        try await withWorker(WorkerOptions(concurrency: 2, lease: .seconds(100), beat: .seconds(50))) {
            Handler(raw: "test.stubborn") { _, _ in
                try await withTaskCancellationHandler {
                    began.fire()
                    try await Task.sleep(for: .seconds(60))
                } onCancel: {
                    gate.wait()
                }
                return []
            }
            Handler(raw: "test.long") { _, _ in
                began.fire()
                try await Task.sleep(for: .seconds(60))
                return []
            }
        } body: { enqueue, _ in
            let stubborn = try await enqueue.add(job("test.stubborn")).id
            await began.next()
            let other = try await enqueue.add(job("test.long")).id
            await began.next()
            try await enqueue.cancel(stubborn)
            try await enqueue.cancel(other)
            #expect(try await enqueue.wait(for: other, timeout: .seconds(20)).state == .cancelled)
            gate.signal()
            #expect(try await enqueue.wait(for: stubborn, timeout: .seconds(20)).state == .cancelled)
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
                return Array("7".utf8)
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.busy")).id
            var get = RedisCommand("CONFIG", arguments: 2)
            for word in ["GET", "min-replicas-to-write"] { get.append(word) }
            while try await admin.send(get).array?.last?.string != "1" {}
            try await Task.sleep(for: .milliseconds(300))  // some attempts to settle are refused
            try await needReplicas("0")
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.state == .succeeded && record.attempt == 1)
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

    /// Nobody waits for a job of a lease that has lapsed: it runs elsewhere.
    @Test func aStopDoesNotWaitForJobsOfALapsedLease() async throws {
        let gate = DispatchSemaphore(value: 0)
        defer { gate.signal() }
        let began = Signals()
        let url = try RedisServer.current.url
        let options = WorkerOptions(concurrency: 2, grace: .seconds(600))
        let worker = Worker(redis: url, options: options, logger: quiet) {
            Handler(raw: "test.deaf") { _, context in
                began.fire()
                if context.attempt == 1 { hold(gate) }
                return []
            }
        }
        async let working: Void = worker.run()
        let enqueue = try await Enqueue(redis: url)
        let id = try await enqueue.add(job("test.deaf")).id
        await began.next()
        worker.term?.lapsed()
        #expect(try await enqueue.wait(for: id, timeout: .seconds(30)).state == .succeeded, "it has joined again")
        worker.stop()
        try await working
        await enqueue.close()
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
        #expect(stats.succeeded == 500 && stats.scheduled == 1 && stats.queued == 0 && stats.running == 0)
    }

    @Test func aWorkerThatWasFrozenWritesNothingAndComesBack() async throws {
        let began = Signals()
        let ended = Mutex<[Bool]>([])
        let options = WorkerOptions(
            concurrency: 2, grace: .seconds(1), lease: .milliseconds(400), beat: .milliseconds(100))
        try await withWorker(options) {
            Handler(raw: "test.long") { _, context in
                began.fire()
                if context.attempt > 1 { return Array(#""again""#.utf8) }
                try? await Task.sleep(for: .seconds(60))
                ended.withLock { $0.append(Task.isCancelled) }
                return Array(#""stale""#.utf8)
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.long")).id
            await began.next()
            // For the worker a server that answers nothing is the same as being frozen itself.
            await RedisServer.current.pause()
            while ended.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(20)) }
            RedisServer.current.resume()
            let record = try await enqueue.wait(for: id, timeout: .seconds(30))
            #expect(ended.withLock { $0 } == [true], "a lapsed lease cancels what runs")
            #expect(record.state == .succeeded && record.result == Array(#""again""#.utf8) && record.attempt == 2)
        }
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

/// Blocks the thread that a handler runs on, as a C library would.
private func blockThread(on semaphore: DispatchSemaphore) { semaphore.wait() }

/// Counts events; each `next` takes one, or waits for it.
final class Signals: Sendable {
    private let stream = AsyncStream<Void>.makeStream()

    func fire() { stream.continuation.yield() }

    func next() async {
        for await _ in stream.stream { return }
    }
}

/// Blocks the thread that runs it, as a task may not.
private func hold(_ gate: DispatchSemaphore) {
    gate.wait()
}
