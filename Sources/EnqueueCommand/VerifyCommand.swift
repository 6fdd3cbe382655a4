internal import ArgumentParser

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Looks for damage in Redis: jobs in no place or in two, claims without a worker, wrong counts.",
        discussion: "Reads only. Ends with 1 if it finds something.\n\nExample: enqueue verify --json")

    @OptionGroup var output: OutputOptions

    func run() async throws { throw Failure.failed("not built in") }
}
