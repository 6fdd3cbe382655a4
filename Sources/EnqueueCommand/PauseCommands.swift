internal import ArgumentParser
internal import Enqueue
internal import Programs
internal import Queue

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stops handing out a queue's jobs.",
        discussion: "Running jobs continue, and jobs can still be added.\n\nExample: enqueue pause ocr")

    @OptionGroup var target: PausedQueue

    func run() async throws { try await target.set(paused: true) }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resumes handing out a paused queue's jobs.",
        discussion: "Example: enqueue resume ocr")

    @OptionGroup var target: PausedQueue

    func run() async throws { try await target.set(paused: false) }
}

/// The queue to pause or resume.
struct PausedQueue: ParsableArguments {
    @Argument(help: "The queue's name.", transform: Read.queue)
    var queue: QueueName

    @OptionGroup var output: OutputOptions

    private struct Answer: Encodable {
        let queue: String
        let paused: Bool
        let changed: Bool
    }

    func set(paused: Bool) async throws {
        try await Session.run { session in
            let target = session.enqueue.queue(queue)
            // A queue may be paused before its first job; it is listed from then on.
            try await target.register()
            let changed = try await paused ? target.pause() : target.resume()
            if output.json { return Output.json(Answer(queue: queue.text, paused: paused, changed: changed)) }
            Output.line("\(queue) is \(paused ? "paused" : "not paused")\(changed ? "" : ", as before")")
        }
    }
}
