internal import Floor
internal import Foundation

/// Runs the programs that read documents, each as a child process with limits and its own environment (without any
/// secret of this process).
struct Toolbox: Sendable {
    enum Program: String, Sendable {
        case pdfinfo, pdftotext, pdftoppm, tesseract

        /// The Debian package that contains it.
        var package: String {
            switch self {
            case .pdfinfo, .pdftotext, .pdftoppm: "poppler-utils"
            case .tesseract: "tesseract-ocr"
            }
        }
    }

    /// The directories in which to look for programs, as in `PATH`; nil for the `PATH` of this process.
    var searchPath: String?
    /// The address space of one program, in bytes.
    var memory = IngestionLimits().memory

    /// - Returns: what the program wrote to its standard output.
    /// - Throws: `IngestionError`, or `CancellationError` if the task was cancelled.
    func run(
        _ program: Program, _ arguments: [String], limit: Duration, mostOutput: Int = 1 << 20
    ) async throws -> [UInt8] {
        var limits = ChildLimits(time: limit)
        limits.output = mostOutput
        limits.memory = memory
        // They have one thread each, so the time limit always comes first. The CPU limit ends what a killed worker
        // leaves running.
        limits.cpuSeconds = Int(limit.components.seconds) + 1
        do {
            // They get absolute paths, so the working directory does not matter.
            return try await ChildProcess(
                program.rawValue, arguments, environment: environment, directory: "/", limits: limits
            ).run().bytes
        } catch let error as ChildProcessError {
            throw Self.translation(of: error, running: program)
        }
    }

    private static func translation(of error: ChildProcessError, running program: Program) -> IngestionError {
        switch error {
        case .notFound(let name):
            // The program that sets the limits may be the missing one.
            .toolMissing(program: name, package: name == program.rawValue ? program.package : "util-linux")
        case .noDirectory, .notStarted: .machine(reason: error.description)
        case .timedOut(let name, let limit): .toolTimedOut(program: name, seconds: Int(limit.components.seconds))
        case .outputTooLarge(let name, let limit): .toolOutputTooLarge(program: name, limit: limit)
        case .outOfMemory(let name, let limit): .toolOutOfMemory(program: name, limit: limit)
        case .outOfCPU(let name, let seconds): .toolTimedOut(program: name, seconds: seconds)
        case .exited(let name, let code, let message): .toolFailed(program: name, status: code, message: message)
        case .signaled(let name, let signal): .toolKilled(program: name, signal: signal)
        }
    }

    private var environment: [String: String] {
        let ours = ProcessInfo.processInfo.environment
        var theirs = [
            "PATH": searchPath ?? ours["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            // One thread per page: several in one page take four times the processor time without gain on a busy
            // machine.
            "OMP_THREAD_LIMIT": "1",
        ]
        theirs["TESSDATA_PREFIX"] = ours["TESSDATA_PREFIX"]
        return theirs
    }
}
