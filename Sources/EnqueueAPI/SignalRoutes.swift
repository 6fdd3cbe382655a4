internal import Enqueue
internal import HTTPTypes
internal import Hummingbird
internal import Queue

/// `/v1/signals`.
struct SignalRoutes: Sendable {
    let enqueue: Enqueue
    let options: APIOptions

    /// POST: 200 with `{"resumed":N}`.
    @Sendable func send(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        try request.requireJSON()
        let spec = try SignalSpec(json: try await request.bytes(upTo: options.bodyLimit, within: options.bodyTime))
        var calls = 0
        let resumed: Int
        do {
            resumed = try await Bridge.over {
                calls += 1
                return try await enqueue.send(spec)
            }
        } catch QueueError.wrongState(let id, .unknown, _) {
            throw Problem.unknownJob(id)
        } catch QueueError.wrongState where calls > 1 {
            // A first call whose reply was lost may have resumed it.
            resumed = 0
        }
        return Response(json: JSONText.object([("resumed", JSONText.number(resumed))]))
    }
}
