internal import ArgumentParser
internal import Programs
internal import Queue
internal import ScheduleFiles
internal import Settings
internal import Worker

/// Commands about settings.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the settings.", discussion: "Example: worker config check",
        subcommands: [CheckCommand.self, TableCommand.self])
}

/// Checks every setting.
struct CheckCommand: WorkerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "List every setting with its source, secrets masked; exit code 2 if one is wrong.",
        discussion: """
            Variables that nothing reads and that begin with PACKHORSE_, or are nearly one that is read, are listed as \
            warnings, and so is what about the server at REDIS_URL endangers jobs. Mistakes in the file of \
            PACKHORSE_SCHEDULES are errors, each with its line.

            Example: worker config check --json
            """)

    @Flag(help: "Print one JSON object.")
    var json = false

    func execute(_ settings: Settings, _ registry: () throws -> Registry) async -> ExitStatus {
        var report = settings.report()
        // The private server is Packhorse's own, and configured correctly.
        if let url = try? settings.redisURL() {
            let mayEvict = (try? settings[.allowEviction]) == true
            for concern in await ServerCheck.concerns(of: url) {
                let refuses = concern.losesJobs && !mayEvict
                report.add("\(concern)" + (refuses ? RedisConcerns.remedy : ""), isError: refuses)
            }
        }
        if let path = try? settings[.schedules] {
            do throws(ScheduleFileError) {
                _ = try ScheduleFile(path: path)
            } catch {
                for problem in error.problems { report.add(Output.plain(error.line(of: problem)), isError: true) }
            }
        }
        Output.line(json ? report.json : report.text)
        return report.errors.isEmpty ? .done : .usage
    }
}

/// Lists the settings, independent of the environment.
struct TableCommand: WorkerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Print all settings of this executable as a Markdown page: default, allowed values, meaning.",
        discussion: "Example: worker config table >settings.md")

    func execute(_ settings: Settings, _ registry: () throws -> Registry) async -> ExitStatus {
        Output.line(settings.table.markdown(worker: Output.program))
        return .done
    }
}
