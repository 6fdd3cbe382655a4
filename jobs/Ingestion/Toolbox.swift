internal import Foundation
internal import Subprocess

/// Runs the programs that read documents, each as a child process with a time limit, a bounded output and an
/// environment of its own (no secret of ours is in it).
///
/// A child never outlives its call: it is killed when the time is up, when it writes too much and when the task is
/// cancelled.
struct Toolbox: Sendable {
    enum Program: String, Sendable {
        case pdfinfo, pdftotext, pdftoppm, tesseract

        /// The Debian package that brings it.
        var package: String {
            switch self {
            case .pdfinfo, .pdftotext, .pdftoppm: "poppler-utils"
            case .tesseract: "tesseract-ocr"
            }
        }
    }

    /// The directories to look for programs in, as in `PATH`; nil for ours.
    var searchPath: String?

    /// What a program said in vain beyond this is not kept.
    private static let keptMessage = 4_096

    /// - Returns: what the program wrote to its standard output.
    /// - Throws: `IngestionError`, or `CancellationError` when the task was cancelled.
    func run(
        _ program: Program, _ arguments: [String], limit: Duration, mostOutput: Int = 1 << 20
    ) async throws -> [UInt8] {
        let outcome = try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await spawn(program, arguments, mostOutput: mostOutput) }
            group.addTask {
                try await Task.sleep(for: limit)  // the limit itself; cancelled when the program ends
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        try Task.checkCancellation()
        guard let outcome else {
            throw IngestionError.toolTimedOut(program: program.rawValue, seconds: Int(limit.components.seconds))
        }
        switch outcome.status {
        case .exited(0): return outcome.output
        case .exited(let status):
            throw IngestionError.toolFailed(
                program: program.rawValue, status: Int(status), message: outcome.message)
        case .signaled(let signal):
            throw IngestionError.toolKilled(program: program.rawValue, signal: Int(signal))
        }
    }

    private struct Outcome: Sendable {
        var status: TerminationStatus
        var output: [UInt8]
        var message: String
    }

    private func spawn(_ program: Program, _ arguments: [String], mostOutput: Int) async throws -> Outcome {
        var options = PlatformOptions()
        // A group of its own: Ctrl-C at a terminal is for the worker, which lets a running page finish.
        options.processGroupID = 0
        do {
            let result = try await Subprocess.run(
                .name(program.rawValue), arguments: Arguments(arguments), environment: .custom(environment),
                platformOptions: options, input: .none, output: .bytes(limit: mostOutput), error: .sequence
            ) { execution in
                var message: [UInt8] = []
                for try await buffer in execution.standardError where message.count < Self.keptMessage {
                    buffer.withUnsafeBytes { message.append(contentsOf: $0.prefix(Self.keptMessage - message.count)) }
                }
                return String(decoding: message, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            }
            return Outcome(
                status: result.terminationStatus, output: result.standardOutput, message: result.closureResult)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            switch error.code {
            case .executableNotFound:
                throw IngestionError.toolMissing(program: program.rawValue, package: program.package)
            case .outputLimitExceeded:
                throw IngestionError.toolOutputTooLarge(program: program.rawValue, limit: mostOutput)
            default:
                throw IngestionError.machine(reason: "\(program.rawValue) could not be run: \(error)")
            }
        }
    }

    private var environment: [Subprocess.Environment.Key: String] {
        let ours = ProcessInfo.processInfo.environment
        var theirs: [Subprocess.Environment.Key: String] = [
            "PATH": searchPath ?? ours["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            // One thread a page: several in one page take four times the processor for no gain in a busy machine.
            "OMP_THREAD_LIMIT": "1",
        ]
        theirs["TESSDATA_PREFIX"] = ours["TESSDATA_PREFIX"]
        return theirs
    }
}
