internal import ArgumentParser
internal import Queue

/// The options of `add` that put jobs into an order.
struct OrderOptions: ParsableArguments {
    @Option(help: "A key: jobs with the same one run one after the other, in the order in which they were added.")
    var sequence: String?

    @Option(help: "What the others do when this job dies: halt (the default) or goOn.", transform: Read.afterDead)
    var afterDead: JobSequence.AfterDead?

    func validate() throws {
        guard sequence != nil || afterDead == nil else { throw ValidationError("--after-dead needs --sequence.") }
    }

    var chosen: JobSequence? { sequence.map { JobSequence($0, afterDead: afterDead ?? .halt) } }
}
