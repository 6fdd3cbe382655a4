internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Programs
internal import Queue

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the jobs that are in a state now.",
        discussion: """
            Waiting jobs are ordered by when they will run, dead ones by when they died, other ended ones last ended \
            first; jobs that move meanwhile may be missed.

            Example: enqueue list --state dead --queue ocr --json | jq -r .id
            """)

    @Option(
        help:
            "scheduled, queued, running, retrying, succeeded, dead, cancelled or expired; several with commas.")
    var state: String

    @Option(help: "Only this queue; all by default.")
    var queue: String?

    @Option(help: "Only jobs of this type.")
    var type: String?

    @Option(help: "Only jobs of this tenant.")
    var tenant: String?

    @Option(help: "At most this many, 1 to 1000000.")
    var limit = 100

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit \(limit): use 1 to 1000000.") }
    }

    func run() async throws {
        let filter = JobFilter(
            states: try JobFilter.states(state), queue: try queue.map(QueueName.init), type: type, tenant: tenant)
        try await Session.run { session in
            var left = limit
            var cursor: String?
            repeat {
                try Task.checkCancellation()
                let page = try await session.enqueue.list(
                    filter, after: cursor, limit: min(left, Enqueue.pageLimits.upperBound))
                for record in page.jobs {
                    if output.json { Output.line(record.json()) } else { Output.line(record.row) }
                }
                left -= page.jobs.count
                cursor = page.next
            } while cursor != nil && left > 0
            if left == limit, !output.json { Output.note("no job is \(state)") }
        }
    }
}
