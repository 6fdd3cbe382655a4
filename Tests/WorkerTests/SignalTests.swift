import Enqueue
import Queue
import Servers
import Synchronization
import TestSupport
import Testing

@testable import Worker

@Suite(.redis, .timeLimit(.minutes(3))) struct SignalTests {
    private func awaiting(_ enqueue: Enqueue, _ count: Int = 1) async throws {
        try await Scratch.wait("\(count) jobs to wait for a signal") {
            try await enqueue.queue(.default).stats().queue.awaiting == count
        }
    }

    @Test func aJobGoesOnAfterTheSignalWithItsPayload() async throws {
        let runs = Atomic<Int>(0)
        try await withWorker {
            Handler(raw: "test.wait", retry: .never) { _, context in
                _ = try await context.step("once") { runs.wrappingAdd(1, ordering: .relaxed).newValue }
                let payload = try await context.waitFor("go", timeout: .seconds(600))
                return payload ?? Payload(Array("0".utf8))
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.wait")).id
            try await awaiting(enqueue)
            #expect(try await enqueue.signal("go", payload: Array("7".utf8)) == 1)
            let record = try await enqueue.wait(for: id, timeout: .seconds(30))
            #expect(record.state == .succeeded)
            #expect(record.result == Payload(Array("7".utf8)))
            #expect(record.failures == 0)
            #expect(record.attempt == 2)
            #expect(runs.load(ordering: .relaxed) == 1)
        }
    }

    @Test func aTypedPayloadIsDecoded() async throws {
        struct Answer: Codable { var isApproved: Bool }
        try await withWorker {
            Handler(raw: "test.wait", retry: .never) { _, context in
                let answer = try await context.waitFor("go", as: Answer.self, timeout: .seconds(600))
                return Payload(Array("\(answer.isApproved)".utf8))
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.wait")).id
            _ = try await enqueue.signal("go", job: id, payload: Array(#"{"isApproved":true}"#.utf8))
            #expect(
                try await enqueue.wait(for: id, timeout: .seconds(30)).result == Payload(Array("true".utf8)))
        }
    }

    @Test func aWaitingJobTakesNoSlot() async throws {
        try await withWorker(WorkerOptions(concurrency: 1)) {
            Handler(raw: "test.wait") { _, context in
                _ = try await context.waitFor("go", timeout: .seconds(600))
                return []
            }
            Nothing.self
        } body: { enqueue, _ in
            for _ in 0..<3 { _ = try await enqueue.add(job("test.wait")) }
            let other = try await enqueue.add(job(Nothing.type)).id
            #expect(try await enqueue.wait(for: other, timeout: .seconds(30)).state == .succeeded)
            try await awaiting(enqueue, 3)
            #expect(try await enqueue.queue(.default).stats().queue.running == 0)
        }
    }

    @Test func anotherWorkerGoesOnAfterTheFirstIsGone() async throws {
        func handler() -> Handler {
            Handler(raw: "test.wait") { _, context in
                _ = try await context.waitFor("go", timeout: .seconds(600))
                return []
            }
        }
        var id: JobID?
        try await withWorker {
            handler()
        } body: { enqueue, _ in
            id = try await enqueue.add(job("test.wait")).id
            try await awaiting(enqueue)
        }
        let stored = try #require(id)
        try await withWorker {
            handler()
        } body: { enqueue, _ in
            _ = try await enqueue.signal("go", job: stored)
            #expect(try await enqueue.wait(for: stored, timeout: .seconds(30)).state == .succeeded)
        }
    }

    @Test func aWaitThatEndsWithoutASignalThrows() async throws {
        try await withWorker {
            Handler(raw: "test.die") { _, context in
                _ = try await context.waitFor("go", timeout: .milliseconds(50))
                return []
            }
            Handler(raw: "test.catch") { _, context in
                do {
                    _ = try await context.waitFor("go", timeout: .milliseconds(50))
                } catch let error as SignalTimeout {
                    return Payload(Array("\"\(error.name)\"".utf8))
                }
                return []
            }
        } body: { enqueue, _ in
            let dead = try await enqueue.add(job("test.die")).id
            let caught = try await enqueue.add(job("test.catch")).id
            let record = try await enqueue.wait(for: dead, timeout: .seconds(30))
            #expect(record.state == .dead)
            #expect(record.error?.type == "signalTimeout")
            #expect(
                try await enqueue.wait(for: caught, timeout: .seconds(30)).result == Payload(Array("\"go\"".utf8)))
        }
    }

    @Test func aSignalThatWasSentBeforeIsFound() async throws {
        try await withWorker {
            Handler(raw: "test.wait") { _, context in
                _ = try await context.waitFor("go", timeout: .seconds(600), lookBack: .seconds(600))
                return []
            }
        } body: { enqueue, _ in
            #expect(try await enqueue.signal("go") == 0)
            let id = try await enqueue.add(job("test.wait")).id
            #expect(try await enqueue.wait(for: id, timeout: .seconds(30)).state == .succeeded)
        }
    }

    @Test func aHandlerThatWrapsTheErrorWaitsAllTheSame() async throws {
        try await withWorker {
            Handler(raw: "test.wrap", retry: .never) { _, context in
                do {
                    _ = try await context.waitFor("go", timeout: .seconds(600))
                } catch {
                    throw Discard("wrapped: \(error)")
                }
                return []
            }
            Handler(raw: "test.swallow", retry: .never) { _, context in
                _ = try? await context.waitFor("go", timeout: .seconds(600))
                return []
            }
        } body: { enqueue, _ in
            let wrapping = try await enqueue.add(job("test.wrap")).id
            let swallowing = try await enqueue.add(job("test.swallow")).id
            #expect(try await enqueue.wait(for: swallowing, timeout: .seconds(30)).state == .succeeded)
            try await awaiting(enqueue)
            _ = try await enqueue.signal("go")
            #expect(try await enqueue.wait(for: wrapping, timeout: .seconds(30)).state == .succeeded)
        }
    }

    @Test func aWaitingJobIsCancelled() async throws {
        try await withWorker {
            Handler(raw: "test.wait") { _, context in
                _ = try await context.waitFor("go", timeout: .seconds(600))
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.wait")).id
            try await awaiting(enqueue)
            try await enqueue.cancel(id)
            #expect(try await enqueue.wait(for: id, timeout: .seconds(30)).state == .cancelled)
            #expect(try await enqueue.signal("go") == 0)
        }
    }

    @Test func aBadNameIsTheHandlersError() async throws {
        try await withWorker {
            Handler(raw: "test.wait", retry: .never) { _, context in
                _ = try await context.waitFor("", timeout: .seconds(600))
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.wait")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(30))
            #expect(record.state == .dead)
            #expect(record.error?.message.contains("'name'") == true)
        }
    }
}
