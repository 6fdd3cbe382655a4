internal import Enqueue
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Queue
internal import ServiceLifecycle

/// `/v1/jobs` and `/v1/jobs/{id}`.
struct JobRoutes: Sendable {
    let enqueue: Enqueue
    let options: APIOptions
    let metrics: RequestMetrics

    /// POST: 202 with a new job, 200 with the existing one.
    @Sendable func add(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        try request.requireJSON()
        let header = try request.text("idempotency-key")
        // W3C Trace Context requires that an invalid one is ignored.
        let traceparent = try request.text("traceparent").flatMap { JobOptions.isTraceparent($0) ? $0 : nil }
        let spec = try JobSpec(json: try await request.bytes(upTo: options.bodyLimit, within: options.bodyTime))
        let job = try spec.job(idempotencyKey: header, traceparent: traceparent, limit: options.payloadLimit)
        // Because of its id, a second write stores nothing and returns the job itself as the existing one.
        let id = try await Bridge.over { try await enqueue.add(job).id }
        let record = try await Bridge.over { try await enqueue.status(id) }
        let isNew = id == job.id
        if !isNew, header != nil, let body = record.body, !body.isRepeated(by: job) {
            throw Problem(
                .unprocessableContent, "key_reused",
                "This Idempotency-Key belongs to job \(id), of another type or with other args. Use a new key.")
        }
        return Self.answer(record, isNew ? .accepted : .ok, located: true)
    }

    /// GET: the job as it is; with `?wait=SECONDS`, as it is after its end or after that time.
    @Sendable func status(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let id = try id(context)
        let seconds = try waitSeconds(request)
        // Checked first: an id of an unknown queue must not make the server listen to that queue.
        let before = try await known(id)
        guard seconds > 0, !before.state.hasEnded else { return Self.answer(before, .ok) }
        let deadline = Duration.milliseconds(Int(seconds * 1000))
        // Detecting that a client leaves uses up the connection: it can't serve another request, whatever the outcome.
        do {
            let record = try await request.body.consumeWithCancellationOnInboundClose { _ in
                try await metrics.waiting { try await wait(for: id, atMost: deadline) }
            }
            var response = Self.answer(record, .ok)
            response.headers[.connection] = "close"
            return response
        } catch is CancellationError {
            // This includes a client that has only closed its side: it can't be distinguished from one that is gone,
            // and gets no answer.
            await context.hangUp()
            throw Problem.clientLeft
        } catch {
            throw LastOnConnection(cause: error)
        }
    }

    /// DELETE: 202 with the job, which is cancelled, or will be when its handler reacts.
    @Sendable func cancel(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let id = try id(context)
        var calls = 0
        let before = try await Bridge.over {
            calls += 1
            return try await enqueue.cancel(id)
        }
        if before == .unknown { throw Problem.unknownJob(id.text) }
        // A first call whose reply was lost may have cancelled it.
        if before.hasEnded, calls == 1 || before != .cancelled {
            throw Problem(
                .conflict, "already_ended", "Job \(id) is already \(before.rawValue); there is nothing to cancel.")
        }
        return Self.answer(try await known(id), .accepted)
    }

    /// A subscription receives the ends of all jobs of a queue, and one check covers all awaited jobs. When the server
    /// stops, all waiting clients get the current state at once.
    private func wait(for id: JobID, atMost timeout: Duration) async throws -> JobRecord {
        let after = try await cancelWhenGracefulShutdown { try await enqueue.wait(for: id, timeout: timeout) }
        return after.state.hasEnded ? after : try await known(id)
    }

    private func known(_ id: JobID) async throws -> JobRecord {
        let record = try await Bridge.over { try await enqueue.status(id) }
        guard record.state != .unknown else { throw Problem.unknownJob(id.text) }
        return record
    }

    private func id(_ context: ConnectionContext) throws -> JobID {
        let text = context.part("id")
        guard let id = try? JobID(text) else { throw Problem.unknownJob(text) }
        return id
    }

    private func waitSeconds(_ request: Request) throws -> Double {
        guard let text = request.uri.queryParameters["wait"] else { return 0 }
        guard let seconds = Double(text), (0...60).contains(seconds) else {
            throw Problem.badRequest("wrong_value", "The parameter 'wait' is not a number of seconds from 0 to 60.")
        }
        return seconds
    }

    private static func answer(_ record: JobRecord, _ status: HTTPResponse.Status, located: Bool = false) -> Response {
        var response = Response(json: record.json(), status: status)
        if located { response.headers[.location] = "/v1/jobs/\(record.id)" }
        return response
    }
}
