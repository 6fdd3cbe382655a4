internal import ArgumentParser
internal import Programs
internal import Settings
internal import Worker

/// Checks whether the worker on this host works.
struct HealthcheckCommand: WorkerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Check whether the worker on this host holds its lease (exit code 0) or not (1).",
        discussion: """
            It reads the file that a running worker writes after each heartbeat that Redis confirmed \
            (PACKHORSE_HEALTH_FILE), asks nobody, and takes less than 20 ms. The worker counts as unhealthy when the \
            last heartbeat is older than two leases or its process has ended.

            Example: HEALTHCHECK --interval=5s CMD ["worker", "healthcheck"]
            """)

    func execute(_ settings: Settings, _ registry: () throws -> Registry) async -> ExitStatus {
        let path: String?
        do throws(SettingsError) {
            path = try settings[.healthFile]
        } catch {
            Output.error("\(error)")
            return .usage
        }
        do throws(HealthProblem) {
            try HealthFile(path).check()
            return .done
        } catch {
            Output.note("unhealthy: \(error)")
            return .failed
        }
    }
}
