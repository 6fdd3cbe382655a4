internal import Foundation
internal import Glibc
internal import PackhorseRedis

/// The folder of an embedded server: what is in it, and the server's start and end.
struct RedisHome: Sendable {
    let path: String

    /// The longest path of a unix socket, in bytes.
    private static let socketLimit = 107
    /// Loading a large append-only file takes time.
    private static let patience = Duration.seconds(120)

    init(_ path: String) throws(EmbeddedRedisError) {
        // Without a slash at the end, whether or not the folder exists already.
        self.path = URL(filePath: path, directoryHint: .notDirectory).standardizedFileURL.path(percentEncoded: false)
        do {
            for folder in [self.path, self.path + "/redis"] {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw .folder(path: self.path, reason: error.localizedDescription)
        }
    }

    /// The right to start or stop the server, until it is dropped.
    func turn() async throws -> FileLock { try await locked("start.lock", .exclusive) }

    func locked(_ name: String, _ kind: FileLock.Kind) async throws -> FileLock {
        let lock = try file(name)
        guard try await lock.lock(kind, within: Self.patience) else { throw busy }
        return lock
    }

    /// Whether no server runs in this folder.
    var serverHasEnded: Bool {
        guard let lock = try? file("server.lock") else { return false }
        return (try? lock.tryLock(.shared)) == true
    }

    /// Waits until the server answers, and starts it first if it does not run.
    func reach() async throws -> RedisURL {
        let deadline = ContinuousClock.now + Self.patience
        var server: ServerProcess?
        while ContinuousClock.now < deadline {
            let lock = try file("server.lock")
            if try lock.tryLock(.exclusive) {
                if let server { throw server.failure }
                server = try start(lock)
            } else if let socket = recordedSocket, let url = url(of: socket), await answers(url) {
                return url
            }
            try await Task.sleep(for: .milliseconds(10))  // a starting server does not announce itself
        }
        throw busy
    }

    /// Tells the server to end, and waits for it.
    func stop(_ url: RedisURL) async {
        await onThread {
            guard var socket = try? RedisSocket.connect(url, clientName: "packhorse-last") else { return }
            var shutdown = RedisCommand("SHUTDOWN", arguments: 1)
            // The append-only file is all the data; it is synced during the shutdown.
            shutdown.append("NOSAVE")
            _ = try? socket.call(shutdown, timeout: .seconds(10))
        }
        guard let lock = try? file("server.lock"), (try? await lock.lock(.exclusive, within: .seconds(10))) == true
        else { return }
        removeSocket()
    }

    /// The server's process id, as the server wrote it to its file.
    var serverID: pid_t? {
        let text = try? String(contentsOfFile: path + "/redis.pid", encoding: .utf8)
        return text.flatMap { pid_t($0.filter(\.isNumber)) }
    }

    /// Ends a server whose folder is gone and that nobody can reach any more.
    func kill(_ server: pid_t) {
        // The id may belong to another process by now; the server's title names its socket.
        let file = try? FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/\(server)/cmdline"))
        let title = String(decoding: (try? file?.readToEnd()) ?? Data(), as: UTF8.self)
        // Not SIGTERM: while shutting down it would remove the socket of a newer server.
        if title.contains("redis-server"), title.contains(path) { _ = Glibc.kill(server, SIGKILL) }
    }

    private var busy: EmbeddedRedisError { .busy(path: path, seconds: Int(Self.patience.components.seconds)) }

    private func file(_ name: String) throws(EmbeddedRedisError) -> FileLock {
        do throws(FileProblem) {
            return try FileLock("\(path)/\(name)")
        } catch {
            throw .folder(path: path, reason: "\(name): \(error.reason)")
        }
    }

    private func start(_ lock: FileLock) throws(EmbeddedRedisError) -> ServerProcess {
        let socket = try socketToListenOn()
        try? FileManager.default.removeItem(atPath: socket)
        let server = try ServerProcess(
            [
                "redis-server", "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir",
                path + "/redis", "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy",
                "noeviction", "--hash-max-listpack-value", "1024", "--hash-max-listpack-entries", "32", "--logfile",
                path + "/redis.log", "--pidfile",
                path + "/redis.pid", "--daemonize", "no",
            ], log: path + "/redis.log", holding: lock)
        try server.guarded(by: Self.guardian, ["PACKHORSE_GUARDED": path])
        return server
    }

    /// Runs beside the server. When the last user is gone without stopping it, for example by SIGKILL, the users' lock
    /// is free, and the guard stops the server within a few seconds. It takes turns with those who start and stop it.
    private static let guardian = """
        while kill -0 "$0" 2>/dev/null; do
          sleep 1
          flock -n -x "$PACKHORSE_GUARDED/start.lock" flock -n -x "$PACKHORSE_GUARDED/users.lock" kill "$0" 2>/dev/null
        done
        """

    private func answers(_ url: RedisURL) async -> Bool {
        await onThread { (try? RedisSocket.connect(url, timeout: .seconds(2), clientName: "packhorse-first")) != nil }
    }

    private func url(of socket: String) -> RedisURL? {
        let plain = CharacterSet(charactersIn: "/-._~").union(.alphanumerics)
        let path = socket.addingPercentEncoding(withAllowedCharacters: plain)
        return path.flatMap { try? RedisURL("redis+unix://" + $0) }
    }
}

/// Where the socket is.
extension RedisHome {
    private var usualSocket: String { path + "/redis.sock" }
    private var record: String { path + "/socket" }
    private var isLong: Bool { usualSocket.utf8.count > Self.socketLimit }

    private var recordedSocket: String? {
        guard isLong else { return usualSocket }
        return try? String(contentsOfFile: record, encoding: .utf8)
    }

    /// The socket path that users of a killed server still know.
    private var keptSocket: String? {
        guard let socket = recordedSocket, isLong else { return recordedSocket }
        return isPrivateFolder((socket as NSString).deletingLastPathComponent) ? socket : nil
    }

    /// The kept path, or a path in a new private folder, which is recorded.
    private func socketToListenOn() throws(EmbeddedRedisError) -> String {
        if let keptSocket { return keptSocket }
        let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? ""
        let parent = runtime.hasPrefix("/") && runtime.utf8.count < 64 ? runtime : "/tmp"
        let folder: String
        do throws(FileProblem) {
            folder = try temporaryFolder(parent + "/packhorse-XXXXXX")
        } catch {
            throw .folder(path: path, reason: "its path is too long for a socket, and in \(parent): \(error.reason)")
        }
        do {
            try Data("\(folder)/redis.sock".utf8).write(to: URL(fileURLWithPath: record), options: .atomic)
        } catch {
            removeFolder(folder)
            throw .folder(path: path, reason: error.localizedDescription)
        }
        return folder + "/redis.sock"
    }

    private func removeSocket() {
        guard let socket = recordedSocket else { return }
        try? FileManager.default.removeItem(atPath: socket)
        guard isLong else { return }
        // Removes only an empty folder.
        removeFolder((socket as NSString).deletingLastPathComponent)
        try? FileManager.default.removeItem(atPath: record)
    }
}

/// Runs a blocking call on its own thread.
func onThread<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: work()) }
        thread.start()
    }
}
