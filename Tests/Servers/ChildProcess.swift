import Foundation
import Glibc
import Synchronization

/// A program that a test started: a server, most often. It dies with the tests, however they end, see `Guard`.
public final class ChildProcess: Sendable {
    public let pid: Int32
    /// The exit status as `waitpid` gives it, once the process has ended.
    private let status = Mutex<Int32?>(nil)

    /// Starts a program found through PATH, with no signal blocked and in a process group of its own.
    ///
    /// - Parameter output: the file that receives its standard output and error; replaced if it exists.
    public init(_ program: String, _ arguments: [String], output: String) throws {
        let guardian = Guard.shared  // made first, so that no child inherits its pipe
        pid = try Self.spawn([program] + arguments, output: output, input: nil)
        guardian.add(pid)
    }

    public func signal(_ signal: Int32) {
        status.withLock { if $0 == nil { Glibc.kill(pid, signal) } }
    }

    /// The exit status, nil while it runs.
    public var exit: Int32? {
        status.withLock { known in
            if known != nil { return known }
            var code: Int32 = 0
            guard waitpid(pid, &code, WNOHANG) == pid else { return nil }
            known = code
            Guard.shared.remove(pid)
            return code
        }
    }

    /// Returns when it has ended.
    public func wait() async {
        while exit == nil { await pause() }
    }

    /// Stops it with SIGSTOP and returns when none of it runs any more.
    public func freeze() async {
        signal(SIGSTOP)
        while exit == nil, !isFrozen { await pause() }
    }

    /// Lets it go on after `freeze`.
    public func thaw() {
        signal(SIGCONT)
    }

    /// The letter behind the name in /proc/PID/stat is the state.
    private var isFrozen: Bool {
        let line = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        return line.split(separator: ")").last?.hasPrefix(" T") ?? true
    }

    /// A wait that goes on when the test's task is cancelled: what was started must still be stopped.
    private func pause() async {
        await Task.detached { try? await Task.sleep(for: .milliseconds(2)) }.value  // between two looks
    }

    /// - Parameter input: a descriptor to be its standard input; nil: nothing to read.
    fileprivate static func spawn(_ words: [String], output: String, input: Int32?) throws -> pid_t {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        if let input {
            posix_spawn_file_actions_adddup2(&files, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&files, 1, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // A process group of its own: Ctrl-C reaches the tests only, the guard does the rest.
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var pid: pid_t = 0
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let code = posix_spawnp(&pid, words[0], &files, &attributes, &arguments, environ)
        guard code == 0 else { throw SupportError("cannot start \(words[0]): \(String(cString: strerror(code)))") }
        return pid
    }
}

/// A small shell that outlives the tests by a moment: when they end, also by SIGKILL, the pipe between them closes,
/// and it kills what they left running and removes their directory.
final class Guard: Sendable {
    static let shared = Guard()
    private let pipe: Int32

    private static let script = """
        pids=
        while read -r change pid; do
            case $change in
            +) pids="$pids $pid" ;;
            -) rest=; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids=$rest ;;
            esac
        done
        [ -z "$pids" ] || kill -9 $pids
        rm -rf "$0"
        """

    private init() {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { preconditionFailure("no pipe: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipe = ends[1]
        do {
            _ = try ChildProcess.spawn(
                ["sh", "-c", Self.script, Scratch.root], output: "/dev/null", input: ends[0])
        } catch { preconditionFailure("\(error)") }
        close(ends[0])
    }

    func add(_ pid: pid_t) { tell("+ \(pid)\n") }
    func remove(_ pid: pid_t) { tell("- \(pid)\n") }

    private func tell(_ line: String) {
        _ = line.withCString { write(pipe, $0, strlen($0)) }
    }
}

/// What went wrong with a test's servers.
public struct SupportError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
