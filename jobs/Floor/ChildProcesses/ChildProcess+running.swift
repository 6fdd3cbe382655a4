internal import Foundation
internal import Glibc
internal import Subprocess
internal import SystemPackage

extension ChildProcess {
    /// Runs the program until it ends.
    ///
    /// If it is killed, because of a limit or a cancellation, `run` returns after its end, and the processes that it
    /// started were killed at the same time.
    ///
    /// - Returns: its output, if it ended with exit code 0.
    /// - Throws: `ChildProcessError`; `CancellationError` if the task was cancelled.
    public func run() async throws -> ChildOutput {
        var variables: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in self.environment.merging(secrets, uniquingKeysWith: { _, secret in secret }) {
            variables[Subprocess.Environment.Key(stringLiteral: name)] = value
        }
        let environment = Subprocess.Environment.custom(variables)
        let executable = try await locate(in: environment)
        let ending = try await withThrowingTaskGroup(of: Ending?.self) { group in
            group.addTask { try await start(executable, in: environment) }
            group.addTask {
                try await Task.sleep(for: limits.time)  // the limit itself; cancelled when the program ends
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        try Task.checkCancellation()
        guard let ending else { throw ChildProcessError.timedOut(program: program, limit: limits.time) }
        if let failure = failure(of: ending) { throw failure }
        return ChildOutput(bytes: ending.output, errors: ending.errors)
    }

    private struct Ending: Sendable {
        var status: TerminationStatus
        var output: [UInt8]
        var errors: String
    }

    private func failure(of ending: Ending) -> ChildProcessError? {
        if ending.status == .exited(0) { return nil }
        if let memory = limits.memory, Self.tellsOfMemory(ending.errors) {
            return .outOfMemory(program: program, limit: memory)
        }
        if ending.status == .signaled(SIGXCPU), let seconds = limits.cpuSeconds {
            return .outOfCPU(program: program, seconds: seconds)
        }
        switch ending.status {
        case .signaled(let signal): return .signaled(program: program, signal: Int(signal))
        case .exited(let code): return .exited(program: program, code: Int(code), message: ending.errors)
        }
    }

    /// A program that gets no memory fails in its own way; only its messages show the reason. These are the messages of
    /// C++, of the loader, of the GNU and poppler programs and of Python.
    private static func tellsOfMemory(_ errors: String) -> Bool {
        let errors = errors.lowercased()
        return [
            "out of memory", "cannot allocate memory", "memory exhausted", "bad_alloc", "failed to map segment",
            "memoryerror",
        ].contains { errors.contains($0) }
    }

    /// The path of the program.
    private func locate(in environment: Subprocess.Environment) async throws -> String {
        do throws(SubprocessError) {
            let path = try await Executable.name(program).resolveExecutablePath(in: environment)
            return "\(path)"
        } catch {
            throw translation(of: error, starting: program)
        }
    }

    private func start(_ executable: String, in environment: Subprocess.Environment) async throws -> Ending {
        var options = PlatformOptions()
        options.processGroupID = 0
        // On an early end, the whole group is killed at once; the last step, which is always a kill, takes effect after
        // this one.
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        let redaction = Redaction(of: secrets.values)
        let kept = ChildLimits.keptErrors + redaction.margin
        do {
            // prlimit (util-linux) sets the limits and then becomes the program: swift-subprocess has no hook for that.
            let result = try await Subprocess.run(
                .path("/usr/bin/prlimit"), arguments: Arguments(limitArguments + ["--", executable] + arguments),
                environment: environment, workingDirectory: FilePath(directory), platformOptions: options,
                input: .none,
                output: .bytes(limit: limits.output), error: .sequence
            ) { execution in
                var errors: [UInt8] = []
                for try await buffer in execution.standardError where errors.count < kept {
                    buffer.withUnsafeBytes { errors.append(contentsOf: $0.prefix(kept - errors.count)) }
                }
                return redaction.text(of: errors, limit: ChildLimits.keptErrors)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
            return Ending(
                status: result.terminationStatus, output: result.standardOutput, errors: result.closureResult)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw translation(of: error, starting: "prlimit")
        }
    }

    private func translation(of error: SubprocessError, starting file: String) -> ChildProcessError {
        switch error.code {
        case .executableNotFound: .notFound(program: file)
        case .failedToChangeWorkingDirectory: .noDirectory(program: program, directory: directory)
        case .outputLimitExceeded: .outputTooLarge(program: program, limit: limits.output)
        // The error's own text may quote the environment.
        default:
            .notStarted(
                program: program,
                reason: error.underlyingError.map { "\($0)" } ?? "its name or its environment is not one")
        }
    }

    /// A program that crashes writes no core dump. A limit above our own hard limit would be refused.
    private var limitArguments: [String] {
        var words = ["--core=0:0"]
        if let memory = limits.memory {
            words.append("--as=\(min(UInt(clamping: memory), Self.hardLimit(RLIMIT_AS.rawValue)))")
        }
        if let seconds = limits.cpuSeconds {
            // SIGXCPU at the limit, SIGKILL a second later for programs that ignore it.
            let hardest = Self.hardLimit(RLIMIT_CPU.rawValue)
            let soft = min(UInt(clamping: seconds), hardest)
            words.append("--cpu=\(soft):\(min(soft + 1, hardest))")
        }
        return words
    }

    private static func hardLimit(_ resource: UInt32) -> UInt {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource), &limit) == 0 else { return .max }
        return UInt(limit.rlim_max)
    }
}
