import Enqueue
import Foundation
import Queue
import PackhorseRedis
import Synchronization
import Servers
import TestSupport
import Testing

@testable import Worker

/// Handlers that are cancelled, time out, or outlive their worker's lease or its end.
@Suite(.redis, .timeLimit(.minutes(3))) struct InterruptionTests {
    @Test func aRunningJobIsCancelledFromOutside() async throws {
        let began = Signals()
        try await withWorker {
            Handler(raw: "test.long") { _, _ in
                began.fire()
                try await Task.sleep(for: .seconds(60))  // ends when it is cancelled
                return []
            }
        } body: { enqueue, worker in
            let id = try await enqueue.add(job("test.long")).id
            await began.next()
            let clock = ContinuousClock.now
            #expect(try await enqueue.cancel(id) == .running)
            let record = try await enqueue.wait(for: id, timeout: .seconds(10))
            #expect(record.state == .cancelled)
            #expect(record.failures == 0)
            #expect(clock.duration(to: .now) < .seconds(5))
        }
    }

    @Test func anAttemptEndsAtItsTimeout() async throws {
        try await withWorker {
            Handler(raw: "test.slow", retry: .never, timeout: .milliseconds(50)) { _, context in
                #expect(context.deadline != nil)
                try await Task.sleep(for: .seconds(60))  // ends at its timeout
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.slow")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(10))
            #expect(record.state == .dead)
            #expect(record.error?.type == "timeout")
        }
    }

    @Test func aRunnerWhoseJobWasInterruptedTakesNoOther() async throws {
        let cancelled = Mutex<[Bool]>([])
        try await withWorker(WorkerOptions(concurrency: 1)) {
            Handler(raw: "test.heedless", retry: .never, timeout: .milliseconds(30)) { _, _ in
                while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }  // until its timeout
                return Payload(Array("1".utf8))
            }
            Handler(raw: "test.look") { _, context in
                cancelled.withLock { $0.append(context.isCancelled) }
                return Payload(Array("2".utf8))
            }
        } body: { enqueue, _ in
            let jobs = try await enqueue.add(all: [job("test.heedless"), job("test.look")])
            let heedless = try await enqueue.wait(for: jobs[0].id, timeout: .seconds(10))
            #expect(heedless.error?.type == "timeout")
            _ = try await enqueue.wait(for: jobs[1].id, timeout: .seconds(10))
            #expect(cancelled.withLock { $0 } == [false])
        }
    }

    /// A timeout, say, that fires in the moment in which the handler returns.
    @Test func anInterruptionThatComesTooLateHitsNobody() async throws {
        let first = Mutex<Attempt?>(nil)
        let cancelled = Mutex<[Bool]>([])
        try await withWorker(WorkerOptions(concurrency: 1)) {
            Handler(raw: "test.first") { _, context in
                first.withLock { $0 = context.running }
                return Payload(Array("1".utf8))
            }
            Handler(raw: "test.next") { _, context in
                first.withLock { $0 }?.interrupt(.timedOut(.zero))
                try? await Task.sleep(for: .milliseconds(100))  // a cancellation under way would arrive
                cancelled.withLock { $0.append(context.isCancelled) }
                return Payload(Array("2".utf8))
            }
        } body: { enqueue, _ in
            for handle in try await enqueue.add(all: [job("test.first"), job("test.next")]) {
                #expect(try await enqueue.wait(for: handle.id, timeout: .seconds(10)).state == .succeeded)
            }
            #expect(first.withLock { $0 } != nil)
            #expect(cancelled.withLock { $0 } == [false])
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
                try await Task.sleep(for: .seconds(60))  // ends when it is cancelled
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
        #expect(record.state == .queued)
        #expect(record.failures == 0)
        #expect(record.crashes == 0)
        #expect(record.attempt == 1)
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
                    return Payload(Array("null".utf8))
                }
                Handler(raw: "test.late") { _, _ in
                    ran.withLock { $0 = true }
                    return Payload(Array("null".utf8))
                }
            }
            _ = try await enqueue.add(job("test.long"))
            async let working: Void = worker.run()
            await began.next()
            async let late = enqueue.add(job("test.late")).id
            try await Task.sleep(for: .microseconds(40 * round))  // another moment in each round
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
            try await Task.sleep(for: .microseconds(200 * round))  // another moment in each round
            worker.stopNow()
            try await working
        }
    }

    @Test func whatAHandlerDoesOnCancellationHoldsUpNothingElse() async throws {
        let gate = DispatchSemaphore(value: 0)
        let began = Signals()
        // No beat comes that would say the same.
        try await withWorker(WorkerOptions(concurrency: 2, lease: .seconds(100), beat: .seconds(50))) {
            Handler(raw: "test.stubborn") { _, _ in
                try await withTaskCancellationHandler {
                    began.fire()
                    try await Task.sleep(for: .seconds(60))  // ends when it is cancelled
                } onCancel: {
                    gate.wait()
                }
                return []
            }
            Handler(raw: "test.long") { _, _ in
                began.fire()
                try await Task.sleep(for: .seconds(60))  // ends when it is cancelled
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
        worker.session?.lapsed()
        #expect(try await enqueue.wait(for: id, timeout: .seconds(30)).state == .succeeded, "it has joined again")
        worker.stop()
        try await working
        await enqueue.close()
    }

    @Test func aWorkerThatWasFrozenWritesNothingAndComesBack() async throws {
        let began = Signals()
        let ended = Mutex<[Bool]>([])
        let options = WorkerOptions(
            concurrency: 2, grace: .seconds(1), lease: .milliseconds(400), beat: .milliseconds(100))
        try await withWorker(options) {
            Handler(raw: "test.long") { _, context in
                began.fire()
                if ended.withLock({ !$0.isEmpty }) { return Payload(Array(#""again""#.utf8)) }
                try? await Task.sleep(for: .seconds(60))  // ends when it is cancelled
                ended.withLock { $0.append(Task.isCancelled) }
                return Payload(Array(#""stale""#.utf8))
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.long")).id
            await began.next()
            // For the worker a server that answers nothing is the same as being frozen itself.
            await RedisServer.current.pause()
            while ended.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(20)) }  // between two looks
            RedisServer.current.resume()
            let record = try await enqueue.wait(for: id, timeout: .seconds(30))
            #expect(ended.withLock { $0 } == [true], "a lapsed lease cancels what runs")
            #expect(record.state == .succeeded)
            #expect(record.result == Payload(Array(#""again""#.utf8)))
            #expect(record.attempt >= 2)
        }
    }
}
