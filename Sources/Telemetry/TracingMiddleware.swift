public import Enqueue
public import Queue
public import Tracing
public import Worker

/// Makes a span around every enqueue and every attempt, with swift-distributed-tracing. The trace context travels with
/// the job, so both spans belong to one trace.
///
/// ```swift
/// InstrumentationSystem.bootstrap(tracer)  // a backend of your choice
/// let enqueue = try await Enqueue(redis: url, middleware: [TracingMiddleware()])
/// let worker = Worker(redis: url, options: WorkerOptions(middleware: [TracingMiddleware()])) { Greet.self }
/// ```
/// Only the W3C `traceparent` is carried (`JobOptions.traceparent`): the tracer must read and write that header. Spans
/// are named `enqueue <type>` and `run <type>`; their attributes follow OpenTelemetry's conventions for messaging. They
/// never contain arguments, results or tenants.
public struct TracingMiddleware: EnqueueMiddleware, JobMiddleware {
    private let given: (any Tracer)?

    /// - Parameter tracer: nil for the tracer that the process has bootstrapped, whenever it does so.
    public init(tracer: (any Tracer)? = nil) {
        given = tracer
    }

    private var tracer: any Tracer { given ?? InstrumentationSystem.tracer }

    /// A span of kind producer, a child of the current one. A job that already has a `traceparent` keeps it.
    public func enqueue(
        _ jobs: [NewJob], next: ([NewJob]) async throws(QueueError) -> [Enqueued]
    ) async throws(QueueError) -> [Enqueued] {
        let tracer = self.tracer
        let span = tracer.startSpan("enqueue \(Self.name(of: jobs))", ofKind: .producer)
        defer { span.end() }
        span.updateAttributes { attributes in
            attributes["messaging.system"] = "packhorse"
            attributes["messaging.operation.name"] = "enqueue"
            attributes["messaging.operation.type"] = "send"
            if jobs.count == 1, let job = jobs.first {
                attributes["messaging.destination.name"] = job.queue.text
                attributes["messaging.message.id"] = job.id.text
            } else {
                attributes["messaging.batch.message_count"] = jobs.count
            }
        }
        var header = TraceHeader()
        tracer.inject(span.context, into: &header, using: TraceHeader.Access())
        let traced = try Self.mark(jobs, with: header)
        let ended = await InstrumentationContext.$current.withValue(span.context) {
            () async -> Result<[Enqueued], QueueError> in
            do throws(QueueError) {
                return .success(try await next(traced))
            } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = ended { Self.fail(span, with: error) }
        return try ended.get()
    }

    /// A span of kind consumer, a child of the span that enqueued the job. `RetryAfter` is not recorded as an error.
    public func run(
        _ arguments: Payload, _ context: JobContext, next: (Payload) async throws -> Payload
    ) async throws -> Payload {
        let tracer = self.tracer
        var parent = InstrumentationContext.topLevel
        tracer.extract(
            TraceHeader(traceparent: context.traceparent), into: &parent, using: TraceHeader.Access())
        let span = tracer.startSpan("run \(context.type)", context: parent, ofKind: .consumer)
        defer { span.end() }
        span.updateAttributes { attributes in
            attributes["messaging.system"] = "packhorse"
            attributes["messaging.operation.name"] = "run"
            attributes["messaging.operation.type"] = "process"
            attributes["messaging.destination.name"] = context.id.queue.text
            attributes["messaging.message.id"] = context.id.text
            attributes["packhorse.job.attempt"] = context.attempt
            attributes["packhorse.job.failures"] = context.failures
        }
        do {
            return try await InstrumentationContext.$current.withValue(span.context) { try await next(arguments) }
        } catch {
            if !(error is RetryAfter || error is SignalPending) { Self.fail(span, with: error) }
            throw error
        }
    }

    /// The type that all of the jobs have, or `jobs`: span names must have few values.
    private static func name(of jobs: [NewJob]) -> String {
        guard let type = jobs.first?.type, jobs.allSatisfy({ $0.type == type }) else { return "jobs" }
        return type
    }

    private static func mark(_ jobs: [NewJob], with header: TraceHeader) throws(QueueError) -> [NewJob] {
        // A tracer that does not write the W3C format leaves the jobs unchanged.
        guard let traceparent = header.traceparent, JobOptions.isTraceparent(traceparent) else { return jobs }
        var marked: [NewJob] = []
        marked.reserveCapacity(jobs.count)
        for job in jobs {
            var options = job.options
            if options.traceparent == nil {
                options.traceparent = traceparent
                marked.append(try job.replacing(options: options))
            } else {
                marked.append(job)
            }
        }
        return marked
    }

    private static func fail(_ span: any Span, with error: any Error) {
        span.recordError(error)
        span.setStatus(SpanStatus(code: .error))
    }
}
