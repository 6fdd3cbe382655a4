internal import ArgumentParser
internal import Queue
internal import Settings

/// The command line for producers and operators.
@main
struct EnqueueTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue",
        abstract: "Adds background jobs, watches them, and manages their queues.",
        discussion: """
            Redis is found through REDIS_URL; without it a private Redis keeps its data in PACKHORSE_HOME (./.packhorse).

            Exit codes: 0 ok, 1 the job failed or nothing could be done, 2 wrong usage, 3 Redis unreachable, 4 not in time, 5 a cap \
            is reached.

            Example: enqueue add system.sleep --args '{"seconds":1}' --wait
            """,
        version: Packhorse.version,
        subcommands: [
            AddCommand.self, StatusCommand.self, WaitCommand.self, ResultCommand.self, CancelCommand.self,
            RetryCommand.self, PurgeCommand.self, ListCommand.self, PauseCommand.self, ResumeCommand.self,
            StatsCommand.self, TopCommand.self, VerifyCommand.self, ConfigCommand.self,
            ServeCommand.self,
        ])

    static func main() async {
        do {
            try ProcessArguments.requireUTF8()
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
            exit(for: error)
        }
    }

    /// Ends the process: help and version as they are, all else as one line on standard error.
    private static func exit(for error: any Error) -> Never {
        if exitCode(for: error) == .success { exit(withError: error) }
        if let code = error as? ExitCode { exit(withError: code) }
        let failure = Failure(error) ?? .usage(message(for: error).sentence + " " + hint(for: error))
        Output.error(failure.message)
        exit(withError: ExitCode(failure.code.rawValue))
    }

    /// `See 'enqueue add --help'.`, taken from the parser's own text, which knows the subcommand.
    private static func hint(for error: any Error) -> String {
        let lines = fullMessage(for: error).split(separator: "\n")
        guard let line = lines.last(where: { $0.contains("--help'") }),
            let start = line.firstIndex(of: "'"), let end = line.lastIndex(of: "'"), start < end
        else { return "See 'enqueue --help'." }
        return "See \(line[start...end])."
    }
}

extension ParsableCommand {
    /// What is wrong with the commands that the first words name; nil if they exist.
    static func mistypedCommand(_ words: ArraySlice<String>, after program: String) -> String? {
        let subcommands = configuration.subcommands
        guard !subcommands.isEmpty, let word = words.first, !word.hasPrefix("-") else { return nil }
        let names = subcommands.compactMap { $0.configuration.commandName }
        if let complaint = Misspelling.complaint(of: word, after: program, commands: names) { return complaint }
        let next = subcommands.first { $0.configuration.commandName == word }
        return next?.mistypedCommand(words.dropFirst(), after: "\(program) \(word)")
    }
}
