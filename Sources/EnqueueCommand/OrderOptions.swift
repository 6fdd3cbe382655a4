internal import ArgumentParser
internal import Queue

/// The options of `add` for jobs that run one after the other, or together.
struct OrderOptions: ParsableArguments {
    @Option(help: "A key: jobs with the same one run one after the other, in the order in which they were added.")
    var sequence: String?

    @Option(help: "What the others do when this job dies: halt (the default) or goOn.", transform: Read.afterDead)
    var afterDead: JobSequence.AfterDead?

    @Option(
        help: "A key: jobs of a type with the same one wait for each other, and one call of a handler answers them.")
    var collect: String?

    @Option(help: "With --collect: until this many wait, 1 to 1000.")
    var collectUpTo: Int?

    @Option(
        help: "With --collect: or until the first has waited for this long, 0ms to 1d.", transform: Read.duration)
    var collectWithin: Duration?

    func validate() throws {
        guard sequence != nil || afterDead == nil else { throw ValidationError("--after-dead needs --sequence.") }
        guard [collect == nil, collectUpTo == nil, collectWithin == nil].count(where: { $0 }) % 3 == 0 else {
            throw ValidationError("--collect, --collect-up-to and --collect-within go together.")
        }
    }

    func apply(to spec: inout JobSpec) {
        spec.sequence = sequence.map { JobSequence($0, afterDead: afterDead ?? .halt) }
        if let collect, let collectUpTo, let collectWithin {
            spec.collect = Collect(collect, upTo: collectUpTo, within: collectWithin)
        }
    }
}
