internal import ArgumentParser
internal import Logs
internal import Programs
internal import ScheduleFiles
internal import Settings
internal import Worker

/// Works until it is stopped.
struct RunCommand: WorkerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run jobs until SIGTERM, SIGHUP or Ctrl-C.",
        discussion: """
            The first signal lets running jobs end within the grace period; a second one gives them back and ends at \
            once. Exit codes: 0 stopped or drained, 2 wrong arguments or settings, 3 Redis can't be reached.

            Example: worker run --queues ocr:2,default:1 --concurrency 8 --http-port 9090
            """)

    @Option(
        help: ArgumentHelp(
            "Queues to serve, with weights: how often each is checked first. (default: PACKHORSE_QUEUES or default)",
            valueName: "name:weight,…"), transform: reading(.queues))
    var queues: [WeightedQueue]?

    @Option(
        help: ArgumentHelp("Jobs at once, 1 to 10000. (default: PACKHORSE_CONCURRENCY or 16)", valueName: "n"),
        transform: reading(.concurrency))
    var concurrency: Int?

    @Option(
        help: ArgumentHelp(
            "How long running jobs may continue after the first signal. (default: PACKHORSE_GRACE or 30s)",
            valueName: "duration"), transform: reading(.grace))
    var grace: Duration?

    @Flag(help: "End as soon as no job is ready or running; jobs that wait for their time remain.")
    var drain = false

    @Option(
        help: ArgumentHelp(
            "Serve /healthz, /readyz and /metrics on this port; 0 takes any free one. (default: PACKHORSE_HTTP_PORT or off)",
            valueName: "port"), transform: reading(.httpPort))
    var httpPort: Int??

    func execute(_ settings: Settings, _ registry: () throws -> Registry) async throws -> ExitStatus {
        let plan: RunPlan
        let schedules: ScheduleFile?
        do {
            schedules = try settings[.schedules].map { path throws(ScheduleFileError) in try ScheduleFile(path: path) }
            plan = try RunPlan(self, settings, schedules)
        } catch {
            // All that is thrown here is a wrong setting, or a mistake in the file that one names.
            Output.error("\(error)")
            return .usage
        }
        return await WorkerRun(plan, try registry()).run()
    }
}

/// What a worker must do, from the options and the settings together.
struct RunPlan: Sendable {
    let settings: Settings
    let options: WorkerOptions
    let httpHost: String
    let httpPort: Int?
    let healthFile: String?
    let allowsEviction: Bool
    let logLevel: LogLevel
    let logFormat: LogFormat?

    init(_ command: RunCommand, _ settings: Settings, _ schedules: ScheduleFile?) throws(SettingsError) {
        self.settings = settings
        let lease = try settings[.lease]
        let payloadLimit = try settings[.payloadLimit]
        options = WorkerOptions(
            queues: try settings.value(of: .queues, unless: command.queues).map { ($0.name, $0.weight) },
            concurrency: try settings.value(of: .concurrency, unless: command.concurrency),
            grace: try settings.value(of: .grace, unless: command.grace), drain: command.drain, lease: lease,
            beat: min(.seconds(1), lease / 3), maxCrashes: try settings[.maxCrashes],
            retention: try settings.retention(), resultLimit: payloadLimit, schedules: schedules?.specs ?? [],
            schedulesSource: schedules?.source)
        httpHost = try settings[.httpHost]
        httpPort = try settings.value(of: .httpPort, unless: command.httpPort)
        healthFile = try settings[.healthFile]
        allowsEviction = try settings[.allowEviction]
        logLevel = try settings[.logLevel]
        logFormat = try settings[.logFormat]
        _ = try settings.redisURL()  // so that a wrong one is reported before anything starts
    }
}

extension Settings {
    /// The command line overrides the environment.
    fileprivate func value<Value>(of setting: Setting<Value>, unless option: Value?) throws(SettingsError) -> Value {
        if let option { return option }
        return try self[setting]
    }
}

/// Parses an option like its variable.
func reading<Value>(_ setting: Setting<Value>) -> @Sendable (String) throws -> Value {
    { text in
        do throws(SettingsError) {
            return try setting.value(text)
        } catch {
            throw ValidationError("Allowed: \(setting.allowed).")
        }
    }
}
