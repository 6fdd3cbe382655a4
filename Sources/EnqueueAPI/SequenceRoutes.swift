internal import Enqueue
internal import Foundation
internal import Hummingbird
internal import Queue

/// `/v1/queues/{queue}/sequences`: jobs that run one after the other.
struct SequenceRoutes: Sendable {
    let enqueue: Enqueue

    /// GET: 200 with `{"sequences":[…]}`, by key; at most 1,000.
    @Sendable func list(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try queue(context)
        let sequences = try await Bridge.over { try await queue.sequences() }
        return Response(json: JSONText.object([("sequences", JSONText.array(sequences.map(\.json)))]))
    }

    /// GET: 200 with the sequence, or 404 if nothing of it waits or runs and nothing has halted it.
    @Sendable func show(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try queue(context), key = context.part("key")
        guard let sequence = try await Bridge.over({ try await queue.sequence(key) }) else {
            throw Self.missing(key, in: queue)
        }
        return Response(json: sequence.json)
    }

    /// POST: 200 with `{"resumed":true}`, false if the sequence was not halted; 404 if there is none.
    @Sendable func resume(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        let queue = try queue(context), key = context.part("key")
        guard let resumed = try await Bridge.over({ try await queue.resumeSequence(key) }) else {
            throw Self.missing(key, in: queue)
        }
        return Response(json: JSONText.object([("resumed", JSONText.flag(resumed))]))
    }

    private func queue(_ context: ConnectionContext) throws -> Queue {
        enqueue.queue(try QueueName(context.part("queue")))
    }

    private static func missing(_ key: String, in queue: Queue) -> Problem {
        Problem(.notFound, "no_sequence", "No job of queue \(queue.name) waits or runs in a sequence '\(key)'.")
    }
}
