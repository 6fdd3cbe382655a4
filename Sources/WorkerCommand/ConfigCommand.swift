internal import ArgumentParser
internal import Queue
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
            Variables that begin with PACKHORSE_ and that nothing reads are listed as warnings, and so is what about the \
            server at REDIS_URL endangers jobs.

            Example: worker config check --json
            """)

    @Flag(help: "Print one JSON object.")
    var json = false

    func execute(_ registry: () throws -> Registry) async -> ExitStatus {
        let settings = Settings()
        var report = settings.report()
        // The private server is ours, and set up as it must be.
        if let url = try? settings.redisURL() {
            let mayEvict = (try? settings[.allowEviction]) == true
            for concern in await ServerCheck.concerns(of: url) {
                let refuses = concern.losesJobs && !mayEvict
                report.add("\(concern)" + (refuses ? RedisConcerns.remedy : ""), isError: refuses)
            }
        }
        print(json ? report.json : report.text, to: .output)
        return report.errors.isEmpty ? .done : .usage
    }
}
