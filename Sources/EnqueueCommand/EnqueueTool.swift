internal import ArgumentParser
internal import Glibc
internal import Programs
internal import Queue
internal import Settings

/// The command line for producers and operators.
@main
struct EnqueueTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue",
        abstract: "Adds background jobs, watches them, and manages their queues.",
        discussion: """
            REDIS_URL says where Redis is. Without it, a private Redis keeps its data in PACKHORSE_HOME (./.packhorse).

            Exit codes: 0 ok, 1 the job failed or nothing could be done, 2 wrong usage, 3 Redis unreachable, 4 not in time, 5 a cap \
            is reached.

            Example: enqueue add system.sleep --args '{"seconds":1}' --wait
            """,
        version: Packhorse.version,
        subcommands: [
            AddCommand.self, StatusCommand.self, WaitCommand.self, ResultCommand.self, CancelCommand.self,
            RetryCommand.self, PurgeCommand.self, ListCommand.self, PauseCommand.self, ResumeCommand.self,
            ScheduleCommand.self, SignalCommand.self, TenantCommand.self, LimitCommand.self,
            SequenceCommand.self, StatsCommand.self, TopCommand.self,
            VerifyCommand.self,
            ConfigCommand.self,
            ServeCommand.self,
        ])

    static func main() async {
        do {
            try ProcessArguments.requireUTF8(variables: SettingsTable.core.names)
            if let complaint = mistypedCommand(CommandLine.arguments.dropFirst(), after: "enqueue") {
                throw Failure.usage(complaint)
            }
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// Ends the process: help and version go to standard output, everything else as one line to standard error.
    private static func end(with error: any Error) -> Never {
        if let code = error as? ExitCode { Glibc.exit(code.rawValue) }
        if exitCode(for: error) == .success {
            Output.line(fullMessage(for: error))
            Glibc.exit(0)
        }
        let failure = Failure(error) ?? .usage(complaint(for: error))
        Output.error(failure.message)
        Glibc.exit(failure.code.rawValue)
    }
}
