internal import Foundation
internal import Glibc

/// A server that was started here, with what is needed to find out why it ended.
struct ServerProcess {
    private let pid: pid_t
    private let log: String

    /// Starts a program in its own session, with no signal blocked or ignored. It inherits no open file of this process
    /// except `lock`, which it holds until it ends.
    init(_ arguments: [String], log: String, holding lock: FileLock) throws(EmbeddedRedisError) {
        pid = try Self.spawn(arguments, log: log, holding: lock)
        self.log = log
    }

    /// Starts a shell script that gets the server's process id as `$0`, and variables in addition to those of this
    /// process.
    func guarded(by script: String, _ variables: [String: String]) throws(EmbeddedRedisError) {
        _ = try Self.spawn(["sh", "-c", script, "\(pid)"], log: log, holding: nil, variables)
    }

    private static func spawn(
        _ arguments: [String], log: String, holding lock: FileLock?, _ variables: [String: String] = [:]
    ) throws(EmbeddedRedisError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        if let lock { posix_spawn_file_actions_adddup2(&actions, lock.file, 3) }
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for file in open.compactMap({ Int32($0) }) where file > (lock == nil ? 2 : 3) {
            posix_spawn_file_actions_addclose(&actions, file)
        }

        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID, which glibc declares only for GNU sources
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | newSession))

        var pid: pid_t = 0
        let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }.map { "\($0.key)=\($0.value)" }
        var pointers = arguments.map { strdup($0) } + [nil]
        var pairs = environment.map { strdup($0) } + [nil]
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &pointers, &pairs)
        for pointer in pointers + pairs { free(pointer) }
        guard code == 0 else {
            if code == ENOENT { throw .notInstalled }
            throw .notStarted(reason: String(cString: strerror(code)), log: log)
        }
        // A child that has ended stays in the process table until somebody waits for it.
        let reaper = Thread { [pid] in while waitpid(pid, nil, 0) < 0, errno == EINTR {} }
        reaper.name = "reaper"
        reaper.stackSize = 1 << 16
        reaper.start()
        return pid
    }

    /// The server has ended; the last line of its log says why.
    var failure: EmbeddedRedisError {
        let lines = ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
        return .notStarted(reason: lines.last.map { String($0.suffix(200)) } ?? "it ended at once", log: log)
    }
}

/// Creates a folder accessible only to its owner; `template` ends with XXXXXX.
func temporaryFolder(_ template: String) throws(FileProblem) -> String {
    var bytes = Array(template.utf8CString)
    guard mkdtemp(&bytes) != nil else { throw .last }
    return String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Whether only this user can have put anything into the folder.
func isPrivateFolder(_ path: String) -> Bool {
    var about = stat()
    guard lstat(path, &about) == 0 else { return false }
    return about.st_mode & S_IFMT == S_IFDIR && about.st_uid == getuid() && about.st_mode & 0o077 == 0
}

/// Removes a folder if it is empty.
func removeFolder(_ path: String) { rmdir(path) }
