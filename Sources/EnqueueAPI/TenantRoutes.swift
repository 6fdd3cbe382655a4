internal import Enqueue
internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import Queue

/// `/v1/queues/{queue}/tenants`: the shares and caps of tenants, and how many of their jobs are ready.
struct TenantRoutes: Sendable {
    let enqueue: Enqueue
    let options: APIOptions

    /// GET: 200 with `{"tenants":[…]}`, by name; of those with ready jobs the 1,000 with the most.
    @Sendable func list(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = enqueue.queue(try QueueName(context.part("queue")))
        let tenants = try await Bridge.over { try await queue.tenants() }
        return Response(json: JSONText.object([("tenants", JSONText.array(tenants.map(\.json)))]))
    }

    /// PUT: 200 with the terms of the tenant. `*` stands for all tenants without terms of their own.
    @Sendable func put(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = enqueue.queue(try QueueName(context.part("queue")))
        let tenant = context.part("tenant")
        try request.requireJSON()
        let terms = try TenantTerms(json: try await request.bytes(upTo: 16 << 10, within: options.bodyTime))
        return Response(
            json: try await Bridge.over {
                try await queue.register()
                try await queue.setTenant(tenant, to: terms)
                return TenantStats(tenant: tenant, terms: terms)
            }.termsJSON)
    }

    /// DELETE: 204. The tenant's waiting jobs stay where they are.
    @Sendable func remove(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = enqueue.queue(try QueueName(context.part("queue")))
        let tenant = context.part("tenant")
        try await Bridge.over { try await queue.removeTenant(tenant) }
        return Response(status: .noContent)
    }
}
