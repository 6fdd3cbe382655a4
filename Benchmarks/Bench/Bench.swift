import Figures
import Foundation
import Servers

/// Measures Packhorse end to end, together with the ceiling of Redis and with other systems, all in the same run.
@main
enum Bench {
    private static let usage = """
        bench [--only NAME[,NAME…]] [--runs N] [--quick] [--no-peers]    figures as JSON lines on standard output
        bench --flow [the same options]                                  the figures of limits, tenants, caps and keys
        bench report FILE… --machine TEXT --date TEXT                    formats those lines as docs/figures.md
        bench worker|push|pop …                                          the processes that bench starts

        Figures: \(Catalog.entries.map(\.name).joined(separator: " "))
        Of --flow: \(Flow.entries.map(\.name).joined(separator: " "))
        """

    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            switch arguments.first {
            case "--help", "-h", "help": print(usage)
            case let role? where ["push", "pop"].contains(role):
                try Handover.run(role, Flags(arguments.dropFirst()))
            case "worker": try await BenchWorker(Flags(arguments.dropFirst())).run()
            case "report": print(try Report(Flags(arguments.dropFirst())).markdown, terminator: "")
            default: exit(try await measure(try Options(Flags(arguments[...]))))
            }
        } catch let error as UsageError {
            progress("bench: \(error)")
            exit(2)
        } catch {
            progress("bench: \(error)")
            exit(1)
        }
    }

    /// - Returns: the exit code: 1 if something could not be measured.
    private static func measure(_ options: Options) async throws -> Int32 {
        let wanted = options.figures
        let session = try await Session(options)
        var samples: [String: [Double]] = [:]
        var failed: Set<String> = []
        for run in 1...options.runs {
            for part in Catalog.parts where !part.gives.isDisjoint(with: wanted.flatMap(\.samples)) {
                if part.isPeer && !options.peers || failed.contains(part.name) { continue }
                progress("run \(run) of \(options.runs): \(part.name)")
                do {
                    for (name, value) in try await part.measure(session) { samples[name, default: []].append(value) }
                } catch  where part.isPeer {
                    progress("bench: \(part.name) could not be measured: \(error)")
                    failed.insert(part.name)
                }
            }
        }
        await session.end()
        for entry in wanted { publish(entry.figure(from: samples, command: options.command)) }
        return failed.isEmpty ? 0 : 1
    }
}
