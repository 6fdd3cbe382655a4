internal import ArgumentParser

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves the HTTP API.")
    func run() async throws { throw Failure.failed("not built in") }
}
enum Version { static let text = "0.1.0" }
