/// Why a child process failed. It contains no argument and no environment variable; from the program's own output, the
/// values of `ChildProcess.secrets` are removed.
public enum ChildProcessError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No directory of `PATH` has a program of this name.
    case notFound(program: String)
    /// Its working directory is missing or not accessible.
    case noDirectory(program: String, directory: String)
    /// The system could not create the process, or the process could not be monitored.
    case notStarted(program: String, reason: String)
    /// It was killed because its time was up.
    case timedOut(program: String, limit: Duration)
    /// It was killed because it wrote more bytes than this to its standard output.
    case outputTooLarge(program: String, limit: Int)
    /// It failed and reported that it got no memory, with a limit of this many bytes.
    case outOfMemory(program: String, limit: Int)
    /// The kernel ended it after this many seconds of processor time.
    case outOfCPU(program: String, seconds: Int)
    /// It ended with an exit code other than 0; `message` is the beginning of its standard error.
    case exited(program: String, code: Int, message: String)
    /// A signal ended it: because of its own error, or from outside, as the kernel does when memory is short.
    case signaled(program: String, signal: Int)

    public var description: String {
        switch self {
        case .notFound(let program): "the program \(program) is not installed: no directory of PATH has it"
        case .noDirectory(let program, let directory):
            "\(program) cannot run in \(directory): it is not a directory, or not accessible"
        case .notStarted(let program, let reason): "\(program) could not be run: \(reason)"
        case .timedOut(let program, let limit): "\(program) did not finish within \(limit)"
        case .outputTooLarge(let program, let limit): "\(program) wrote more than \(limit) bytes"
        case .outOfMemory(let program, let limit): "\(program) needs more memory than its limit of \(limit) bytes"
        case .outOfCPU(let program, let seconds):
            "\(program) needs more processor time than its limit of \(seconds) s"
        case .exited(let program, let code, let message):
            "\(program) failed with exit code \(code): \(message.isEmpty ? "it gave no reason" : message)"
        case .signaled(let program, let signal):
            "\(program) was ended by signal \(signal)\(signal == 9 ? ", as happens when memory is short" : "")"
        }
    }
}
