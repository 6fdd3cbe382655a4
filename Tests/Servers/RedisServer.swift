public import Foundation
import Glibc
public import PackhorseRedis
import Synchronization

/// A real redis-server for one test, in a directory of its own; ready in about 50 ms.
///
/// ```swift
/// @Test(.redis) func answers() async throws {
///     let connection = RedisConnection(RedisServer.current.url, name: "test")
/// ```
public final class RedisServer: Sendable {
    public let directory: String
    /// The path of its unix socket.
    public let socket: String
    /// Its TCP port on 127.0.0.1, nil if it listens on the socket only.
    public let port: Int?
    private let arguments: [String]
    private let process: Mutex<ChildProcess>
    private let starts = Atomic<Int>(1)

    /// Starts a server that keeps nothing on disk, unless `arguments` say otherwise, and waits until it is ready.
    ///
    /// - Parameters:
    ///   - tcp: whether it listens on a port too, and not only on its unix socket.
    ///   - dump: an RDB file whose data it begins with.
    ///   - arguments: further options, such as `"--appendonly", "yes"`.
    public static func start(
        tcp: Bool = false, dump: URL? = nil, _ arguments: [String] = []
    ) async throws -> RedisServer {
        guard tcp else { return try await start(port: nil, dump: dump, arguments) }
        return try await Scratch.onFreePorts(1) { try await start(port: $0[0], arguments) }
    }

    /// - Throws: `PortTaken` if somebody else was faster.
    static func start(
        port: Int?, tls: Bool = false, dump: URL? = nil, _ arguments: [String] = []
    ) async throws -> RedisServer {
        let server = try RedisServer(port: port, tls: tls, dump: dump, arguments)
        try await server.becomeReady()
        return server
    }

    private init(port: Int?, tls: Bool, dump: URL?, _ extra: [String]) throws {
        directory = try Scratch.directory()
        if let dump {
            try FileManager.default.copyItem(at: dump, to: URL(fileURLWithPath: directory + "/dump.rdb"))
        }
        socket = directory + "/s"
        self.port = port
        arguments =
            [
                "--bind", "127.0.0.1", tls ? "--tls-port" : "--port", "\(port ?? 0)", "--unixsocket", socket,
                "--dir", directory, "--save", "", "--appendonly", "no", "--shutdown-timeout", "0",
                "--hash-max-listpack-value", "1024",
            ] + (tls ? ["--port", "0"] : []) + extra
        process = Mutex(try ChildProcess("redis-server", arguments, output: directory + "/log-1"))
    }

    /// The URL of its port if it has one, else of its socket.
    public var url: RedisURL {
        get throws { try RedisURL(address) }
    }

    /// The same as text, as REDIS_URL would have it.
    public var address: String {
        port.map { "redis://127.0.0.1:\($0)" } ?? "redis+unix://\(socket)"
    }

    public var pid: Int32 { process.withLock { $0.pid } }

    /// What it has written since it was started last.
    public var log: String {
        (try? String(contentsOfFile: "\(directory)/log-\(starts.load(ordering: .relaxed))", encoding: .utf8)) ?? ""
    }

    /// Ends it in its own way, with what it writes to disk then.
    public func stop() async {
        let process = process.withLock { $0 }
        process.thaw()
        process.signal(SIGTERM)
        await process.wait()
    }

    /// Ends it as a crash would.
    public func kill() async {
        let process = process.withLock { $0 }
        process.signal(SIGKILL)
        await process.wait()
    }

    /// Starts it again on the same port, socket and directory after `stop` or `kill`; ends it before if it runs.
    public func restart() async throws {
        await stop()
        let number = starts.add(1, ordering: .relaxed).newValue
        let again = try ChildProcess("redis-server", arguments, output: "\(directory)/log-\(number)")
        process.withLock { $0 = again }
        try await becomeReady()
    }

    /// Freezes it: it keeps its connections and answers nothing.
    public func pause() async {
        await process.withLock { $0 }.freeze()
    }

    public func resume() {
        process.withLock { $0 }.thaw()
    }

    private func becomeReady() async throws {
        let process = process.withLock { $0 }
        try await Scratch.wait("redis-server to be ready") {
            guard process.exit == nil else {
                if log.contains("Address already in use") { throw PortTaken() }
                throw SupportError("redis-server ended:\n\(log)")
            }
            return log.contains("eady to accept connections")
        }
    }
}
