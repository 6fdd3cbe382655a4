internal import ArgumentParser
internal import Queue

/// The options of `add` that decide which jobs are stored beside which.
struct UniqueOptions: ParsableArguments {
    @Option(help: "A key: while a job that has not ended holds it, no second one is stored.")
    var key: String?

    @Option(help: "Hold the --key while it is waiting, or unfinished (the default).")
    var keyWhile: String?

    @Option(
        help: "Hold the --key for this long; without --key-while whatever its state, so the first one in it wins.",
        transform: Read.duration)
    var keyFor: Duration?

    @Option(help: "A key: the last of the jobs that follow each other within --debounce-delay replaces the others.")
    var debounce: String?

    @Option(help: "How long it waits for the next one: 1ms to 1d.", transform: Read.duration)
    var debounceDelay: Duration?

    @Option(
        help: "Start at the latest this long after the first one; the default is ten times --debounce-delay.",
        transform: Read.duration)
    var debounceMaxWait: Duration?

    func check(count: Int) throws {
        for (option, isGiven) in [("--key", key != nil), ("--debounce", debounce != nil)] where isGiven && count > 1 {
            throw ValidationError("\(option) with --count \(count): only one of them would be stored.")
        }
        guard key != nil || keyWhile == nil && keyFor == nil else {
            throw ValidationError("--key-while and --key-for need --key.")
        }
        guard debounce == nil || debounceDelay != nil else {
            throw ValidationError("--debounce needs --debounce-delay.")
        }
        guard debounce != nil || debounceDelay == nil && debounceMaxWait == nil else {
            throw ValidationError("--debounce-delay and --debounce-max-wait need --debounce.")
        }
    }

    func apply(to spec: inout JobSpec) {
        spec.key = key
        spec.keyWhile = keyWhile
        spec.keyPeriod = keyFor
        if let debounce, let debounceDelay {
            spec.debounce = Debounce(debounce, delay: debounceDelay, maxWait: debounceMaxWait)
        }
    }

    /// What standard error says about the outcome; nil if neither option was given.
    func note(isNew: Bool) -> String? {
        if let key {
            return isNew
                ? "stored: it holds the key '\(key)' now"
                : "existing: this job holds the key '\(key)'; nothing was stored"
        }
        guard let debounce else { return nil }
        return isNew
            ? "stored: it waits for the debounce key '\(debounce)' now"
            : "replaced: this job waits for the debounce key '\(debounce)', with the new arguments"
    }
}
