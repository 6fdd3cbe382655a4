internal import ArgumentParser
internal import Enqueue
internal import Programs
internal import Queue

struct SignalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal",
        abstract: "Sends a signal: jobs that wait for it run again.",
        discussion: """
            A signal is kept for jobs that will wait for it. Ends with 1 if the job of --job has ended or is not known.

            Example: enqueue signal approved --job default.0199d2c4-7a31-7b5e-8a55-0123456789ab --payload '{"by":"ada"}'
            """)

    @Argument(help: "Its name, 1 to 128 bytes.")
    var name: String

    @Option(help: "Only for this job; all that wait for it by default.", transform: Read.id)
    var job: JobID?

    @Option(help: "The queue of the jobs; that of --job, or 'default', by default.", transform: Read.queue)
    var queue: QueueName?

    // A negative number is a payload too.
    @Option(
        parsing: .unconditional, help: "What the jobs get: JSON, @FILE, or - for standard input. At most 64 KiB.")
    var payload: String?

    @Option(
        help: "How long it is kept for jobs that will wait for it: 0s to 30d; 1h by default.",
        transform: Read.duration)
    var keep: Duration?

    @OptionGroup var output: OutputOptions

    private struct Answer: Encodable {
        let name: String
        let resumed: Int
    }

    func run() async throws {
        var spec = SignalSpec(name, job: job, queue: queue)
        spec.payload = try payload.map { try JobArguments.read($0, of: "--payload", limit: SignalSpec.payloadLimit) }
        if let keep { spec.keep = keep }
        // Refuses what is invalid before anything is sent.
        try spec.validate()
        try await Session.run { session in
            let resumed = try await session.enqueue.send(spec)
            if output.json { return Output.json(Answer(name: name, resumed: resumed)) }
            Output.line("\(name): \(resumed == 1 ? "1 job" : "\(resumed) jobs") resumed")
        }
    }
}
