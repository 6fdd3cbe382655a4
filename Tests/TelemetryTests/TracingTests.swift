import Enqueue
import InMemoryTracing
import Queue
import Servers
import Telemetry
import TestSupport
import Testing
import Tracing
import Worker

@Suite(.redis, .timeLimit(.minutes(3))) struct TracingTests {
    @Test func aRunIsAChildOfItsEnqueue() async throws {
        let tracer = W3CTracer()
        let tracing = TracingMiddleware(tracer: tracer)
        try await withWorker([tracing], enqueueing: [tracing]) {
            Handler(raw: "test.traced") { _, _ in
                Payload(Array((InstrumentationContext.current?.inMemorySpanContext?.spanID ?? "none").utf8))
            }
        } body: { enqueue in
            let id = try await enqueue.add(job("test.traced")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            let added = try #require(tracer.span("enqueue test.traced"))
            let ran = try #require(tracer.span("run test.traced"))
            #expect(added.kind == .producer)
            #expect(ran.kind == .consumer)
            #expect(ran.traceID == added.traceID)
            #expect(ran.parentSpanID == added.spanID)
            #expect(record.result == Payload(Array(ran.spanID.utf8)), "the handler runs within its span")
            #expect(record.body?.traceparent == "00-\(added.traceID)-\(added.spanID)-01")
            #expect(ran.attributes.get("messaging.message.id") == .string(id.text))
            #expect(ran.errors.isEmpty)
            #expect(tracer.memory.activeSpans.isEmpty)
            try await expectInvariants(enqueue.queue(.default))
        }
    }

    @Test func anEnqueueIsAChildOfTheCurrentSpan() async throws {
        let tracer = W3CTracer()
        let enqueue = try await Enqueue(
            redis: RedisServer.current.url, middleware: [TracingMiddleware(tracer: tracer)])
        let request = tracer.startSpan("request")
        try await InstrumentationContext.$current.withValue(request.context) {
            _ = try await enqueue.add(all: [try job("test.one"), try job("test.two")])
        }
        request.end()
        let added = try #require(tracer.span("enqueue jobs"), "types that differ are not named")
        #expect(added.parentSpanID == request.spanID)
        #expect(added.attributes.get("messaging.batch.message_count") == .int64(2))
        await enqueue.close()
    }

    @Test func aTraceThatTheProducerGaveStays() async throws {
        let tracer = W3CTracer()
        let tracing = TracingMiddleware(tracer: tracer)
        let trace = "0af7651916cd43dd8448eb211c80319c"
        try await withWorker([tracing], enqueueing: [tracing]) {
            Handler(raw: "test.traced") { _, _ in .null }
        } body: { enqueue in
            let options = JobOptions(traceparent: "00-\(trace)-b7ad6b7169203331-01")
            let id = try await enqueue.add(job("test.traced", options: options)).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(20))
            #expect(record.body?.traceparent == options.traceparent)
            #expect(tracer.span("run test.traced")?.traceID == trace)
            #expect(tracer.span("run test.traced")?.parentSpanID == "b7ad6b7169203331")
        }
    }

    @Test func aFailureIsKeptInItsSpanAndAPauseIsNone() async throws {
        let tracer = W3CTracer()
        try await withWorker([TracingMiddleware(tracer: tracer)]) {
            Handler(raw: "test.fails", retry: .never) { _, _ in throw Flaw() }
            Handler(raw: "test.waits") { _, context in
                if context.attempt == 1 { throw RetryAfter(.zero) }
                return .null
            }
        } body: { enqueue in
            for type in ["test.fails", "test.waits"] {
                let id = try await enqueue.add(job(type)).id
                _ = try await enqueue.wait(for: id, timeout: .seconds(20))
            }
            let failed = try #require(tracer.span("run test.fails"))
            #expect(failed.errors.first?.error is Flaw)
            #expect(failed.status?.code == .error)
            let waited = tracer.memory.finishedSpans.filter { $0.operationName == "run test.waits" }
            #expect(waited.count == 2)
            #expect(waited.allSatisfy { $0.errors.isEmpty && $0.status == nil })
        }
    }

    @Test func aRefusedEnqueueIsAnError() async throws {
        struct Refusing: EnqueueMiddleware {
            func enqueue(
                _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
            ) async throws(QueueError) -> [Enqueued] { throw .invalid("no") }
        }
        let tracer = W3CTracer()
        let enqueue = try await Enqueue(
            redis: RedisServer.current.url, middleware: [TracingMiddleware(tracer: tracer), Refusing()])
        await #expect(throws: QueueError.invalid("no")) { _ = try await enqueue.add(job("test.traced")) }
        #expect(tracer.span("enqueue test.traced")?.status?.code == .error)
        await enqueue.close()
    }

    /// `InMemoryTracer` has headers of its own.
    @Test func aTracerOfAnotherFormLeavesJobsAsTheyAre() async throws {
        let tracer = InMemoryTracer()
        let enqueue = try await Enqueue(
            redis: RedisServer.current.url, middleware: [TracingMiddleware(tracer: tracer)])
        let id = try await enqueue.add(job("test.traced")).id
        #expect(tracer.finishedSpans.count == 1)
        let body = try #require(try await enqueue.status(id).body)
        #expect(body.traceparent == nil)
        await enqueue.close()
    }
}
