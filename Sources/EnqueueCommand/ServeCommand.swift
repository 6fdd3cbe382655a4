internal import ArgumentParser
internal import EnqueueAPI
internal import Glibc
internal import Logs
internal import Programs
internal import Queue
internal import Settings

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves the HTTP API until SIGTERM, SIGHUP or Ctrl-C.",
        discussion: """
            Clients must send the token from PACKHORSE_API_TOKEN, or from the file of PACKHORSE_API_TOKEN_FILE. \
            Without one, only this machine is served.

            Example: PACKHORSE_API_TOKEN_FILE=token enqueue serve --host 0.0.0.0
            """)

    @Option(help: "The address to listen on; else PACKHORSE_API_HOST, else 127.0.0.1.")
    var host: String?

    @Option(help: "The port, 0 for any free one; else PACKHORSE_API_PORT, else 8000.")
    var port: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...65_535).contains(port ?? 0) else { throw ValidationError("--port: use 0 to 65535.") }
    }

    func run() async throws {
        ProcessLimits.raiseFiles()
        let settings = Settings()
        let token = try settings[.apiToken]
        let options = try APIOptions(
            host: host ?? settings[.apiHost], port: port ?? settings[.apiPort], token: token,
            payloadLimit: settings[.payloadLimit])
        Logs.bootstrap(level: try settings[.logLevel], format: try settings[.logFormat])
        let json = output.json
        let mayEvict = try settings[.allowEviction]
        let hangsUp = !ProcessSignals.isIgnored(SIGHUP)
        // The server handles its signals itself.
        try await Session.run(settings, catching: []) { session in
            let concerns = await ServerCheck.concerns(of: session.url)
            if !mayEvict, let concern = concerns.first(where: \.losesJobs) {
                throw Failure.usage(concern.description + RedisConcerns.remedy)
            }
            let api = API(session.enqueue, redis: session.url, options: options, hangsUp: hangsUp)
            try await api.run { port in
                let url = "http://\(options.host.contains(":") ? "[\(options.host)]" : options.host):\(port)"
                if json { Output.json(["url": url]) } else { Output.line("serving \(url)") }
                for concern in concerns { Output.note("warning: \(concern)") }
                if token == nil { Output.note("no PACKHORSE_API_TOKEN is set: only this machine is served") }
            }
        }
    }
}
