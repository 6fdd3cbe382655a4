internal import ArgumentParser
internal import Foundation
internal import Programs
internal import Settings
internal import Worker

/// Lists the registered job types.
struct TypesCommand: WorkerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "types",
        abstract: "List the job types that this worker can run, with their versions.",
        discussion: "Example: worker types --json")

    @Flag(help: "Print one JSON object per line: type, version.")
    var json = false

    func execute(_ settings: Settings, _ registry: () throws -> Registry) async throws -> ExitStatus {
        let registry = try registry()
        let width = registry.types.map(\.count).max() ?? 0
        for (type, version) in registry.list {
            // A type is dotted lower case, so it needs no escapes.
            let line =
                json
                ? #"{"type":"\#(type)","version":\#(version)}"#
                : type.padding(toLength: width, withPad: " ", startingAt: 0) + "  \(version)"
            Output.line(line)
        }
        return .done
    }
}
