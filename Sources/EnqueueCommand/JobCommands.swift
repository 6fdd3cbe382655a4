internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Programs
internal import Queue

/// The commands for one job.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what is known about a job.",
        discussion: """
            A job that Redis doesn't know, or no longer knows, is 'unknown'; the exit code is 0.

            Example: enqueue status default.0199d2c4-7a31-7b5e-8a55-0123456789ab --json
            """)

    @Argument(help: "The job's id.", transform: Read.id)
    var id: JobID

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            let record = try await session.enqueue.status(id)
            if output.json { Output.line(record.json()) } else { record.lines.forEach(Output.line) }
        }
    }
}

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Waits until a job has ended.",
        discussion: """
            Ends with 0 if it has succeeded, 1 if it is dead, cancelled, expired or unknown, 4 if it has not ended in time.

            Example: enqueue wait default.0199d2c4-7a31-7b5e-8a55-0123456789ab --timeout 5m
            """)

    @Argument(help: "The job's id.", transform: Read.id)
    var id: JobID

    @Option(help: "The maximum time to wait, such as 10s or 5m; no limit by default.", transform: Read.duration)
    var timeout: Duration?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            try await Waiting(session, json: output.json, timeout: timeout).end(of: id)
        }
    }
}

struct ResultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "result",
        abstract: "Prints what a job returned, as JSON and nothing else.",
        discussion: """
            Ends with 1 if it did not succeed, 4 if it has not ended yet. With --json: id, state, result and error.

            Example: enqueue result default.0199d2c4-7a31-7b5e-8a55-0123456789ab | jq .
            """)

    @Argument(help: "The job's id.", transform: Read.id)
    var id: JobID

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            let record = try await session.enqueue.status(id)
            if output.json {
                Output.line(record.json(only: ["id", "state", "result", "error"]))
            } else if let result = record.result {
                Output.line(result.bytes)
            }
            if let failure = record.failure { throw failure }
        }
    }
}

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancels a job, even while it runs.",
        discussion: """
            A waiting job is cancelled at once; a running one when its handler reacts. Ends with 1 if there is nothing \
            to cancel.

            Example: enqueue cancel default.0199d2c4-7a31-7b5e-8a55-0123456789ab
            """)

    @Argument(help: "The job's id.", transform: Read.id)
    var id: JobID

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            let before = try await session.enqueue.cancel(id)
            if output.json { Output.json(["id": id.text, "before": before.rawValue]) }
            switch before {
            case .scheduled, .queued, .retrying: if !output.json { Output.line("\(id) cancelled") }
            case .running: if !output.json { Output.line("\(id) running; its worker has been told") }
            case .unknown: throw Failure.failed("job \(id) is not known: it was never stored here, or is forgotten.")
            case .succeeded, .dead, .cancelled, .expired:
                throw Failure.failed("job \(id) is already \(before.rawValue); there is nothing to cancel.")
            }
        }
    }
}
