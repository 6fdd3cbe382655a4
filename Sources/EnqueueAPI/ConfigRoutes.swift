internal import Enqueue
internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import Queue

/// `/v1/queues/{name}/config`: the settings of a queue, which can be changed while it runs.
struct ConfigRoutes: Sendable {
    let enqueue: Enqueue
    let options: APIOptions

    /// GET: 200 with an object of all settings and their effective values.
    @Sendable func show(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try queue(context)
        return Response(json: try await Bridge.over { try await queue.config() }.json)
    }

    /// PATCH: changes the settings in the body; 200 with all of them.
    @Sendable func change(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try queue(context)
        try request.requireJSON()
        let changes = try QueueConfig(json: try await request.bytes(upTo: 16 << 10, within: options.bodyTime))
        return Response(
            json: try await Bridge.over {
                // A queue may be configured before its first job; it is listed from then on.
                try await queue.register()
                return try await queue.configure(changes)
            }.json)
    }

    private func queue(_ context: ConnectionContext) throws -> Queue {
        enqueue.queue(try QueueName(context.part("queue")))
    }
}
