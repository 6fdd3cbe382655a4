internal import Foundation
internal import Glibc
public import Redis
public import Testing

/// A redis-server for one test, on a socket in a folder of its own.
public final class RedisServer: Sendable {
    @TaskLocal public static var current: RedisServer?

    public let url: RedisURL
    public let pid: Int32
    private let folder: String

    /// - Parameter arguments: of redis-server, beside those that give it its place.
    public init(arguments: [String] = []) async throws {
        var template = Array("/tmp/packhorse-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestProblem("mkdtemp: errno \(errno)") }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        url = try RedisURL("redis+unix://\(folder)/r")
        pid = try spawn(
            ["redis-server", "--port", "0", "--unixsocket", folder + "/r", "--dir", folder, "--save", ""] + arguments,
            environment: ProcessInfo.processInfo.environment, output: "/dev/null", error: "/dev/null")
        while (try? RedisSocket.connect(url, timeout: .seconds(1), clientName: "test")) == nil {
            guard kill(pid, 0) == 0 else { throw TestProblem("redis-server ended") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Ends it at once.
    public func stop() {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        try? FileManager.default.removeItem(atPath: folder)
    }
}

public struct TestProblem: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Starts a program with no signal blocked; its output and errors go to files.
public func spawn(
    _ arguments: [String], environment: [String: String], output: String, error: String
) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, error, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pointers = arguments.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (pointers + variables).forEach { free($0) } }
    var pid: Int32 = 0
    let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &pointers, &variables)
    guard code == 0 else { throw TestProblem("\(arguments[0]): \(String(cString: strerror(code)))") }
    return pid
}

/// Gives a test a redis-server of its own: `RedisServer.current`.
public struct RedisTrait: TestTrait, TestScoping {
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let server = try await RedisServer()
        defer { server.stop() }
        try await RedisServer.$current.withValue(server) { try await function() }
    }
}

extension Trait where Self == RedisTrait {
    public static var redis: Self { RedisTrait() }
}

/// Where an executable of this package is: beside the tests.
public func builtProgram(_ name: String) -> String {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (tests as NSString).deletingLastPathComponent + "/" + name
}
