internal import Enqueue
internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import Queue

/// `/v1/queues/{queue}/limits`: how often and how many at once jobs with a key start.
struct LimitRoutes: Sendable {
    let enqueue: Enqueue
    let options: APIOptions

    /// GET: 200 with `{"limits":[…]}`, by name: the keys that have limits, and those at which jobs wait.
    @Sendable func list(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try queue(context)
        let limits = try await Bridge.over { try await queue.limits() }
        return Response(json: JSONText.object([("limits", JSONText.array(limits.map(\.json)))]))
    }

    /// GET: 200 with the key, or 404 if it has no limits of its own and nobody uses it now.
    @Sendable func show(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try queue(context)
        let key = context.part("key")
        guard let limit = try await Bridge.over({ try await queue.limit(key) }) else {
            throw Problem(
                .notFound, "no_limit",
                "The key '\(key)' of queue \(queue.name) has no limits of its own, and no job waits for it.")
        }
        return Response(json: limit.json)
    }

    /// PUT: 200 with the limits of the key, which replace those before. `tenant:*` stands for all keys that begin with
    /// `tenant:` and have no limits of their own.
    @Sendable func put(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try queue(context)
        let key = context.part("key")
        try request.requireJSON()
        let limit = try Limit(json: try await request.bytes(upTo: 16 << 10, within: options.bodyTime))
        return Response(
            json: try await Bridge.over {
                try await queue.register()
                try await queue.setLimit(key, to: limit)
                return LimitStats(name: key, limit: limit)
            }.limitJSON)
    }

    /// DELETE: 204. Jobs that wait for the key are free at once.
    @Sendable func remove(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try queue(context)
        let key = context.part("key")
        try await Bridge.over { try await queue.removeLimit(key) }
        return Response(status: .noContent)
    }

    private func queue(_ context: ConnectionContext) throws -> Queue {
        enqueue.queue(try QueueName(context.part("queue")))
    }
}
