internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Queue

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the jobs that are in a state now.",
        discussion: """
            Waiting and dead jobs come in the order in which they will run or have died, other ended ones last ended \
            first; jobs that move meanwhile may be missed.

            Example: enqueue list --state dead --queue ocr --json | jq -r .id
            """)

    @Option(help: "scheduled, queued, running, retrying, succeeded, dead, cancelled or expired.", transform: Read.state)
    var state: JobState

    @Option(help: "Only this queue; otherwise all.", transform: Read.queue)
    var queue: QueueName?

    @Option(help: "Only jobs of this type.")
    var type: String?

    @Option(help: "At most so many, 1 to 1000000.")
    var limit = 100

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit \(limit): use 1 to 1000000.") }
    }

    func run() async throws {
        try await Session.run { session in
            let queues = if let queue { [session.enqueue.queue(queue)] } else { try await session.enqueue.queues() }
            var left = limit
            for queue in queues where left > 0 { left -= try await list(queue, atMost: left) }
            if left == limit, !output.json { Output.note("no job is \(state.rawValue)") }
        }
    }

    /// - Returns: how many were printed.
    private func list(_ queue: Queue, atMost limit: Int) async throws -> Int {
        var printed = 0
        var offset: Int? = 0
        while let start = offset, printed < limit {
            try Task.checkCancellation()
            let page = try await queue.list(state, offset: start, limit: 100)
            offset = page.next
            // A page of ended jobs may have many thousands.
            var rest = page.ids[...]
            while !rest.isEmpty, printed < limit {
                let part = rest.prefix(type == nil ? min(100, limit - printed) : 100)
                rest = rest.dropFirst(part.count)
                for record in try await queue.status(Array(part)) where printed < limit && fits(record) {
                    printed += 1
                    if output.json { Output.line(record.json()) } else { Output.line(record.row) }
                }
            }
        }
        return printed
    }

    /// It may have moved on since it was listed.
    private func fits(_ record: JobRecord) -> Bool {
        record.state == state && (type == nil || record.body?.type == type)
    }
}
