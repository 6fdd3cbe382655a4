internal import ArgumentParser
internal import Glibc
internal import Programs
internal import Queue
public import Settings
public import Worker

/// The command line of a worker, for an executable that lists its own handlers.
///
/// ```swift
/// await WorkerMain.run { settings in
///     Greet.self
///     OCR.self
/// }
/// ```
public enum WorkerMain {
    /// Does what the arguments of the process say, and ends the process, even if a handler does not end.
    ///
    /// Exit codes: 0 done, 2 wrong arguments or settings, 3 Redis can't be reached, 1 everything else.
    ///
    /// - Parameters:
    ///   - rows: the variables that the executable reads in addition to `SettingsTable.core`, with different names.
    ///   - middleware: wraps every handler, the first outermost.
    ///   - collectsMetrics: whether the swift-metrics metrics of handlers appear at `/metrics`. A backend that the
    ///     program has already bootstrapped stays.
    ///   - handlers: lists the job types; the settings contain what they need from the environment.
    public static func run(
        settings rows: [any SettingsRow] = [], middleware: [any JobMiddleware] = [], collectsMetrics: Bool = true,
        @Registry.Builder _ handlers: (Settings) throws -> [Handler]
    ) async -> Never {
        do {
            let table = try SettingsTable.core.adding(rows)
            try ProcessArguments.requireUTF8(variables: table.names)
            let settings = Settings(table)
            if let complaint = WorkerTool.mistypedCommand(
                CommandLine.arguments.dropFirst(), after: WorkerTool.configuration.commandName ?? "worker")
            {
                Output.error(complaint)
                exit(ExitStatus.usage.rawValue)
            }
            var command = try WorkerTool.parseAsRoot()
            guard let own = command as? any WorkerSubcommand else {
                try command.run()
                exit(ExitStatus.done.rawValue)
            }
            let status = try await own.execute(settings) {
                if collectsMetrics { CollectedMetrics.collect() }
                let list = try handlers(settings)
                return Registry { list }.wrapped(in: middleware)
            }
            exit(status.rawValue)
        } catch {
            exit(tell(error).rawValue)
        }
    }

    /// Help and version go to standard output, everything else as one line to standard error.
    private static func tell(_ error: any Error) -> ExitStatus {
        let code = WorkerTool.exitCode(for: error)
        switch error {
        case is SettingsError, is SettingsTableError, is NotUTF8:
            Output.error("\(error)")
            return .usage
        case _ where code.isSuccess:
            Output.line(WorkerTool.fullMessage(for: error))
            return .done
        case _ where code == .validationFailure:
            Output.error(WorkerTool.complaint(for: error))
            return .usage
        default:
            Output.error(WorkerTool.message(for: error))
            return .failed
        }
    }
}

/// The exit code of the process.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    case usage = 2
    case unreachable = 3
}

/// A command that works with the handlers of this executable.
protocol WorkerSubcommand: ParsableCommand {
    /// - Parameters:
    ///   - settings: including the rows of this executable.
    ///   - registry: makes the handlers, which may take time or find wrong settings; not every command calls it.
    func execute(_ settings: Settings, _ registry: () throws -> Registry) async throws -> ExitStatus
}

/// The root of all commands.
struct WorkerTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Output.program,
        abstract: "Runs background jobs from Redis.",
        discussion: """
            Without REDIS_URL it shares a private Redis server with all that use the same PACKHORSE_HOME. Every setting \
            can be given in the environment; `config check` lists them.

            Example: worker run --queues ocr:2,default:1 --concurrency 8
            """,
        version: Packhorse.version,
        subcommands: [RunCommand.self, HealthcheckCommand.self, ConfigCommand.self, TypesCommand.self],
        defaultSubcommand: RunCommand.self)
}
