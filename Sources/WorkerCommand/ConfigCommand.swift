internal import ArgumentParser
internal import Settings
internal import Worker

/// Commands about settings.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the settings.", discussion: "Example: worker config check",
        subcommands: [CheckCommand.self])
}

/// Reads every setting.
struct CheckCommand: WorkerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "List every setting with its source, secrets masked; exit code 2 if one is wrong.",
        discussion: """
            Variables that begin with PACKHORSE_ and that nothing reads are listed as warnings.

            Example: worker config check --json
            """)

    @Flag(help: "Print one JSON object.")
    var json = false

    func execute(_ registry: () throws -> Registry) async -> ExitStatus {
        let report = Settings().report()
        print(json ? report.json : report.text, to: .output)
        return report.errors.isEmpty ? .done : .usage
    }
}
