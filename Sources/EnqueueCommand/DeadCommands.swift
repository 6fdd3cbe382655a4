internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Programs
internal import Queue

/// Which jobs to retry: one, or all dead ones of a queue.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Runs a job again, or all dead jobs of a queue.",
        discussion: """
            One job: a dead, cancelled or expired one starts over; a scheduled or retrying one starts at once.

            Example: enqueue retry default.0199d2c4-7a31-7b5e-8a55-0123456789ab
            Example: enqueue retry --state dead --queue ocr
            """)

    @Argument(help: "The job's id.", transform: Read.id)
    var id: JobID?

    @Option(help: "Only 'dead': all jobs in this state, oldest first.")
    var state: DeadState?

    @Option(help: "The queue of the dead jobs.", transform: Read.queue)
    var queue: QueueName?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        switch (id, state, queue) {
        case (_?, nil, nil), (nil, _?, _?): break
        default: throw ValidationError("Give either an id, or --state dead and --queue QUEUE.")
        }
    }

    func run() async throws {
        try await Session.run { session in
            if let id {
                try await session.enqueue.queue(id.queue).retry(id)
                if output.json { Output.json(["id": id.text, "state": "queued"]) } else { Output.line("\(id) queued") }
            } else if let queue {
                let count = try await session.enqueue.queue(queue).retryDead()
                if output.json {
                    Output.json(Counted(queue: queue.text, retried: count))
                } else {
                    Output.line("\(count) dead jobs of \(queue) are queued again")
                }
            }
        }
    }
}

struct PurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Removes all dead jobs of a queue permanently.",
        discussion: "Example: enqueue purge --state dead --queue ocr")

    @Option(help: "Only 'dead' jobs can be purged.")
    var state: DeadState

    @Option(help: "Their queue.", transform: Read.queue)
    var queue: QueueName

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            let count = try await session.enqueue.queue(queue).purgeDead()
            if output.json {
                Output.json(Counted(queue: queue.text, purged: count))
            } else {
                Output.line("\(count) dead jobs of \(queue) are forgotten")
            }
        }
    }
}

enum DeadState: String, ExpressibleByArgument { case dead }

private struct Counted: Encodable {
    let queue: String
    var retried: Int?
    var purged: Int?
}
