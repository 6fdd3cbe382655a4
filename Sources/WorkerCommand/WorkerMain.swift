internal import ArgumentParser
internal import Foundation
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
    /// Does what the arguments of the process say, and ends it; a handler that does not end can't keep it.
    ///
    /// Exit codes: 0 done, 2 wrong arguments or settings, 3 Redis can't be reached, 1 anything else.
    ///
    /// - Parameters:
    ///   - middleware: stands around every handler, the first outermost.
    ///   - collectsMetrics: whether what handlers count by swift-metrics appears at `/metrics`. A program that has
    ///     bootstrapped a backend of its own before keeps it.
    ///   - handlers: lists the job types; what they need of the environment is in the settings.
    public static func run(
        middleware: [any JobMiddleware] = [], collectsMetrics: Bool = true,
        @Registry.Builder _ handlers: (Settings) throws -> [Handler]
    ) async -> Never {
        do {
            try ProcessArguments.requireUTF8()
            if let complaint = WorkerTool.mistypedCommand(
                CommandLine.arguments.dropFirst(), after: WorkerTool.configuration.commandName ?? "worker")
            {
                print("Error: \(complaint)", to: .error)
                exit(ExitStatus.usage.rawValue)
            }
            var command = try WorkerTool.parseAsRoot()
            guard let own = command as? any WorkerSubcommand else {
                try command.run()
                exit(ExitStatus.done.rawValue)
            }
            let status = try await own.execute {
                if collectsMetrics { CollectedMetrics.collect() }
                let list = try handlers(Settings())
                return Registry { list }.wrapped(in: middleware)
            }
            exit(status.rawValue)
        } catch let error as SettingsError {
            print("Error: \(error)", to: .error)
            exit(ExitStatus.usage.rawValue)
        } catch {
            let code = WorkerTool.exitCode(for: error)
            print(WorkerTool.fullMessage(for: error), to: code.isSuccess ? .output : .error)
            let status: ExitStatus = code.isSuccess ? .done : code == .validationFailure ? .usage : .failed
            exit(status.rawValue)
        }
    }
}

/// How the process ends.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    case usage = 2
    case unreachable = 3
}

/// A command that does its work with the handlers of this executable.
protocol WorkerSubcommand: ParsableCommand {
    /// - Parameter registry: makes the handlers, which may take time and wrong settings; not every command wants them.
    func execute(_ registry: () throws -> Registry) async throws -> ExitStatus
}

/// What all commands hang on.
struct WorkerTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: CommandLine.arguments.first.map { ($0 as NSString).lastPathComponent } ?? "worker",
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

enum Stream {
    case output, error
}

/// Writes a line.
func print(_ text: String, to stream: Stream) {
    let file: FileHandle = stream == .output ? .standardOutput : .standardError
    try? file.write(contentsOf: Data((text + "\n").utf8))
}
