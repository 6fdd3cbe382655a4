internal import Enqueue
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Queue

/// `/v1/schedules`. Schedules are found by name in all queues; `?queue=Q` names the one that is meant.
struct ScheduleRoutes: Sendable {
    let enqueue: Enqueue
    let options: APIOptions

    /// GET: 200 with `{"schedules":[…]}`, of all queues.
    @Sendable func list(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try Parameters(request, known: ["queue"])["queue"].map { try QueueName($0) }
        let schedules = try await Bridge.over { () async throws -> [Schedule] in
            guard let queue else { return try await enqueue.schedules() }
            return try await enqueue.queue(queue).schedules()
        }
        return Response(json: JSONText.object([("schedules", JSONText.array(schedules.map(\.json)))]))
    }

    /// GET: 200 with the schedule.
    @Sendable func show(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let (name, queue) = try target(request, context)
        return Response(json: try await Bridge.over { try await enqueue.schedule(name, in: queue) }.json)
    }

    /// PUT: 201 with a new schedule, 200 with one that was changed or is the same. The body has the fields of a
    /// schedule; its name may be left out.
    @Sendable func put(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let name = context.part("name")
        try request.requireJSON()
        let body = try await request.bytes(upTo: options.bodyLimit, within: options.bodyTime)
        let spec = try Self.spec(body, named: name)
        let change = try await Bridge.over { try await enqueue.putSchedule(spec) }
        let queue = try QueueName(spec.job.queue)
        let schedule = try await Bridge.over { try await enqueue.schedule(name, in: queue) }
        return Response(json: schedule.json, status: change == .added ? .created : .ok)
    }

    /// DELETE: 200 with the schedule as it was. The jobs that it has made stay.
    @Sendable func remove(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let (name, queue) = try target(request, context)
        let schedule = try await Bridge.over { try await enqueue.schedule(name, in: queue) }
        try await Bridge.over { _ = try await enqueue.queue(schedule.queue).removeSchedule(name) }
        return Response(json: schedule.json)
    }

    /// POST: 200 with the schedule, which makes no jobs until it is resumed.
    @Sendable func pause(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        try await change(request, context) { queue, name in try await queue.pauseSchedule(name) }
    }

    /// POST: 200 with the schedule. Ticks that fell into the pause are left out.
    @Sendable func resume(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        try await change(request, context) { queue, name in try await queue.resumeSchedule(name) }
    }

    /// POST: 202 with the job's id and what became of it; 409 if the overlap rule makes none.
    @Sendable func run(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        try request.requireJSON()
        let (name, queue) = try target(request, context)
        let keeper = try await Bridge.over { try await enqueue.queue(ofSchedule: name, in: queue) }
        // Not repeated if Redis is lost: a second call would make a second job.
        let (id, outcome) = try await keeper.runSchedule(name)
        if outcome == .skipped { throw Problem.skipped(TickOutcome.skippedText(name)) }
        let json = JSONText.object([
            ("id", JSONText.string(id.text)), ("outcome", JSONText.string(outcome.rawValue)),
            ("queue", JSONText.string(keeper.name.text)), ("schedule", JSONText.string(name)),
        ])
        var response = Response(json: json, status: .accepted)
        response.headers[.location] = "/v1/jobs/\(id)"
        return response
    }

    /// GET: 200 with the next ticks, `?count=5` of them, in UTC and on the clocks of the schedule's zone.
    @Sendable func next(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let given = try Parameters(request, known: ["queue", "count"])
        let queue = try given["queue"].map { try QueueName($0) }
        let count = given["count"].map { Int($0) ?? 0 } ?? 5
        guard ScheduleSpec.tickLimits.contains(count) else {
            throw Problem.badRequest("wrong_value", "The parameter 'count' is not a whole number from 1 to 1000.")
        }
        let name = context.part("name")
        let schedule = try await Bridge.over { try await enqueue.schedule(name, in: queue) }
        guard let spec = schedule.spec else {
            throw Problem(.conflict, "newer_version", "The schedule '\(name)' was written by a newer version.")
        }
        let now = Int(Date().timeIntervalSince1970 * 1000)
        let ticks = spec.ticks(after: now, count: count).map { tick in
            JSONText.object([
                ("local", JSONText.string(spec.localText(tick))), ("utc", JSONText.string(ISOTime.text(tick))),
            ])
        }
        return Response(
            json: JSONText.object([("ticks", JSONText.array(ticks)), ("zone", JSONText.string(spec.zoneName))]))
    }

    private func change(
        _ request: Request, _ context: ConnectionContext, _ body: (Queue, String) async throws -> Bool
    ) async throws -> Response {
        // As for every POST: a web page can't send this type without permission.
        try request.requireJSON()
        let (name, queue) = try target(request, context)
        let keeper = try await Bridge.over { try await enqueue.queue(ofSchedule: name, in: queue) }
        _ = try await Bridge.over { try await body(keeper, name) }
        return Response(json: try await Bridge.over { try await enqueue.schedule(name, in: keeper.name) }.json)
    }

    private func target(
        _ request: Request, _ context: ConnectionContext
    ) throws -> (name: String, queue: QueueName?) {
        let queue = try Parameters(request, known: ["queue"])["queue"]
        return (context.part("name"), try queue.map { try QueueName($0) })
    }

    private static func spec(_ body: [UInt8], named name: String) throws -> ScheduleSpec {
        // What is no object is refused with the reason.
        guard let members = try? StrictJSON.members(body) else { return try ScheduleSpec(json: body) }
        let own = JSONText.string(name)
        for member in members where member.name == "name" && member.value != own {
            throw QueueError.field(
                FieldError(
                    .wrongValue, "name", found: String(decoding: member.value, as: UTF8.self),
                    allowed: "the name in the path, or nothing"))
        }
        return try ScheduleSpec(members: [(name: "name", value: own)] + members.filter { $0.name != "name" })
    }
}
