internal import Enqueue
internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import Queue

/// `GET /v1/jobs`.
struct ListRoutes: Sendable {
    let enqueue: Enqueue

    /// 200 with `{"jobs":[…],"next":…}`: the matching jobs, and the value of `after` for the next page.
    @Sendable func list(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let given = try Parameters(request, known: ["state", "queue", "type", "tenant", "limit", "after"])
        var filter = JobFilter(type: given["type"], tenant: given["tenant"])
        if let states = given["state"] { filter.states = try JobFilter.states(states) }
        if let queue = given["queue"] { filter.queue = try QueueName(queue) }
        let limit = given["limit"].map { Int($0) ?? 0 } ?? 100
        let page = try await Bridge.over { [filter] in
            try await enqueue.list(filter, after: given["after"], limit: limit)
        }
        return Response(
            json: JSONText.object([
                ("jobs", JSONText.array(page.jobs.map { $0.json() })), ("next", page.next.map { JSONText.string($0) }),
            ]))
    }
}
