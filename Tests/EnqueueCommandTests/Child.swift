internal import Foundation
internal import Glibc
internal import Servers

/// A program that a test runs to its end, with its own input, output and environment.
final class Child: Sendable {
    struct Ending: Sendable {
        /// The exit code, or 128 plus the signal that ended it.
        let code: Int32
        let output: String
        let errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// The folder of the test bundle, where SwiftPM puts the package's own programs.
    static let products: String = {
        let program = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(filePath: program).deletingLastPathComponent().path
    }()

    let pid: pid_t
    private let files: String
    private let ended: Task<Int32, Never>

    /// - Parameter environment: on top of the tests' own, without its settings of Packhorse and Redis.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []) throws {
        files = try Scratch.directory()
        try Data(input).write(to: URL(filePath: files + "/in"))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, files + "/in", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, files + "/out", O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, files + "/err", O_WRONLY | O_CREAT, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var all = ProcessInfo.processInfo.environment
        all = all.filter { !$0.key.hasPrefix("PACKHORSE_") && !$0.key.hasPrefix("REDIS_") }
        all.merge(environment) { $1 }
        let argv = ([program] + arguments).map { strdup($0) } + [nil]
        let envp = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid = pid_t()
        let code = posix_spawnp(&pid, program, &actions, &attributes, argv, envp)
        guard code == 0 else { throw SupportError("cannot start \(program): \(String(cString: strerror(code)))") }
        self.pid = pid
        let child = pid
        ended = Task {
            await withCheckedContinuation { done in
                Thread.detachNewThread {
                    var status: Int32 = 0
                    while waitpid(child, &status, 0) < 0, errno == EINTR {}
                    done.resume(returning: status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F))
                }
            }
        }
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for its end; one that takes longer than a minute is killed.
    func end() async -> Ending {
        let watch = Task {
            try await Task.sleep(for: .seconds(60))  // the limit itself; cancelled at its end
            signal(SIGKILL)
        }
        let code = await ended.value
        watch.cancel()
        return Ending(code: code, output: output, errors: errors)
    }

    /// What it has written so far.
    var output: String { text("/out") }
    var errors: String { text("/err") }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: files + name) ?? Data(), as: UTF8.self)
    }

    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []
    ) async throws -> Ending {
        try await Child(program, arguments, environment: environment, input: input).end()
    }
}
