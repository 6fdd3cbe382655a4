internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Programs
internal import Queue

/// Sequences run the jobs of a key one after the other.
struct SequenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sequence",
        abstract: "Shows the sequences of a queue, and lets halted ones go on.",
        discussion: "Example: enqueue add invoice.send --sequence customer-42",
        subcommands: [SequenceList.self, SequenceShow.self, SequenceResume.self])
}

struct SequenceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the sequences in which a job has its turn or that a dead job has halted, at most 1,000.",
        discussion: "Example: enqueue sequence list --json | jq -r 'select(.halted) | .key'")

    @OptionGroup var target: QueueTarget

    func run() async throws {
        try await Session.run { session in
            let sequences = try await session.enqueue.queue(target.queue).sequences()
            if target.output.json { return sequences.forEach { Output.line($0.json) } }
            guard !sequences.isEmpty else { return Output.note("no job of \(target.queue) is in a sequence") }
            var table = Table("sequence", "waits for", "", "following")
            for sequence in sequences {
                table.row(
                    sequence.key, sequence.blocker.text, sequence.isHalted ? "halted" : "", "\(sequence.following)")
            }
            table.lines.forEach(Output.line)
        }
    }
}

struct SequenceShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one sequence and the job that it waits for.",
        discussion: "Example: enqueue sequence show customer-42")

    @Argument(help: "The key of the sequence.")
    var key: String

    @OptionGroup var target: QueueTarget

    func run() async throws {
        try await Session.run { session in
            let queue = session.enqueue.queue(target.queue)
            guard let sequence = try await queue.sequence(key) else { throw target.missing(key) }
            if target.output.json { return Output.line(sequence.json) }
            Output.line(
                "\(sequence.key): \(sequence.following) jobs wait for "
                    + (sequence.isHalted ? "a dead job, which halted the sequence:" : "this one:"))
            try await queue.status([sequence.blocker]).flatMap(\.lines).forEach { Output.line("  " + $0) }
        }
    }
}

struct SequenceResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lets a halted sequence go on with its next job. The job that halted it stays dead.",
        discussion: "To run the dead job again instead, use enqueue retry ID.")

    @Argument(help: "The key of the sequence.")
    var key: String

    @OptionGroup var target: QueueTarget

    func run() async throws {
        try await Session.run { session in
            let queue = session.enqueue.queue(target.queue)
            guard let resumed = try await queue.resumeSequence(key) else { throw target.missing(key) }
            if target.output.json { return Output.line(JSONText.object([("resumed", JSONText.flag(resumed))])) }
            Output.line(resumed ? "the sequence \(key) goes on" : "the sequence \(key) was not halted")
        }
    }
}

extension QueueTarget {
    fileprivate func missing(_ key: String) -> Failure {
        Failure.failed(
            "no job of queue \(queue) waits or runs in a sequence '\(key)'; `enqueue sequence list` shows all")
    }
}
