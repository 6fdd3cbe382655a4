import Foundation
import Glibc
import Redis
import Settings
import Servers
import TestSupport
import Testing

@Suite struct EmbeddedRedisTests {
    /// A folder that the test may fill; it goes with the test.
    private func withFolder(_ name: String = "home", _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "packhorse-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body("\(folder)/\(name)")
    }

    private func ask(_ url: RedisURL, _ command: StaticString, _ arguments: String...) throws -> RedisReply {
        var socket = try RedisSocket.connect(url, timeout: .seconds(5), clientName: "test")
        var request = RedisCommand(command, arguments: arguments.count)
        for argument in arguments { request.append(argument) }
        return try socket.call(request, timeout: .seconds(5))
    }

    private func pid(_ home: String) -> Int32? {
        (try? String(contentsOfFile: home + "/redis.pid", encoding: .utf8))
            .flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    @Test func theLastUserStopsItAndDataStays() async throws {
        try await withFolder { home in
            let first = try await EmbeddedRedis.open(home: home)
            let server = try #require(pid(home))
            let second = try await EmbeddedRedis.open(home: home)
            #expect(first.url == second.url)
            #expect(pid(home) == server)
            _ = try ask(first.url, "SET", "k", "kept")

            await first.close()
            await first.close()
            #expect(try ask(second.url, "GET", "k").string == "kept")
            await second.close()
            #expect(throws: RedisError.self) { try ask(second.url, "PING") }

            let third = try await EmbeddedRedis.open(home: home)
            #expect(pid(home) != server)
            #expect(try ask(third.url, "GET", "k").string == "kept")
            await third.close()
        }
    }

    @Test func manyThatStartAtOnceShareOne() async throws {
        try await withFolder { home in
            try await withThrowingTaskGroup(of: EmbeddedRedis.self) { group in
                for _ in 0..<8 { group.addTask { try await EmbeddedRedis.open(home: home) } }
                var all: [EmbeddedRedis] = []
                for try await one in group { all.append(one) }
                let ids = try all.map { user in
                    try ask(user.url, "INFO", "server").string?.firstMatch(of: /run_id:(\w+)/)?.1
                }
                #expect(Set(ids).count == 1)
                await withTaskGroup(of: Void.self) { leaving in
                    for one in all { leaving.addTask { await one.close() } }
                }
                #expect(throws: RedisError.self) { try ask(all[0].url, "PING") }
            }
        }
    }

    @Test func itIsPrivateDurableAndNeverForgets() async throws {
        try await withFolder { home in
            let redis = try await EmbeddedRedis.open(home: home)
            for (name, value) in [
                ("port", "0"), ("appendonly", "yes"), ("appendfsync", "everysec"), ("save", ""),
                ("maxmemory-policy", "noeviction"), ("hash-max-listpack-value", "1024"), ("unixsocketperm", "700"),
            ] {
                #expect(try ask(redis.url, "CONFIG", "GET", name).array?.last?.string == value)
            }
            for path in [home, home + "/redis"] {
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o700)
            }
            let server = try #require(pid(home))
            #expect(getsid(server) == server)
            let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server)/fd").compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(server)/fd/\($0)")
            }
            #expect(!files.contains { $0.hasSuffix("users.lock") || $0.hasSuffix("start.lock") })
            await redis.close()
        }
    }

    @Test func aServerWhoseUsersWereKilledIsTakenOver() async throws {
        try await withFolder { home in
            let child = try WorkerChild(home: home)
            let url = try await child.redis()
            let server = try #require(pid(home))
            child.kill()
            #expect(throws: Never.self) { try ask(url, "PING") }
            let next = try await EmbeddedRedis.open(home: home)
            #expect(pid(home) == server)
            await next.close()
            #expect(throws: RedisError.self) { try ask(url, "PING") }
        }
    }

    @Test func twoProcessesShareOneAndTheLastStopsIt() async throws {
        try await withFolder { home in
            let mine = try await EmbeddedRedis.open(home: home)
            let child = try WorkerChild(home: home)
            #expect(try await child.redis() == mine.url)
            await mine.close()
            #expect(throws: Never.self) { try ask(mine.url, "PING") }
            #expect(child.stop() == 0)
            #expect(throws: RedisError.self) { try ask(mine.url, "PING") }
        }
    }

    @Test func aKilledServerIsStartedAgainByTheNext() async throws {
        try await withFolder { home in
            let first = try await EmbeddedRedis.open(home: home)
            _ = try ask(first.url, "SET", "k", "1")
            kill(try #require(pid(home)), SIGKILL)
            let second = try await EmbeddedRedis.open(home: home)
            #expect(throws: Never.self) { try ask(second.url, "PING") }
            await first.close()
            await second.close()
            #expect(throws: RedisError.self) { try ask(second.url, "PING") }
        }
    }

    @Test func aLongPathGetsItsSocketElsewhere() async throws {
        try await withFolder(String(repeating: "long/", count: 30) + "with space %41") { home in
            let first = try await EmbeddedRedis.open(home: home)
            let second = try await EmbeddedRedis.open(home: home)
            #expect(first.url == second.url)
            let socket = try String(contentsOfFile: home + "/socket", encoding: .utf8)
            #expect(socket.utf8.count <= 107)
            #expect(try ask(second.url, "PING") != .null)
            let folder = (socket as NSString).deletingLastPathComponent
            let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            await first.close()
            await second.close()
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test func odditiesInAPathAreNoTrouble() async throws {
        try await withFolder("with space %41 é?#") { home in
            let redis = try await EmbeddedRedis.open(home: home)
            #expect(FileManager.default.fileExists(atPath: home + "/redis.sock"))
            await redis.close()
        }
    }

    @Test func aServerThatCanNotStartSaysWhy() async throws {
        try await withFolder { home in
            try FileManager.default.createDirectory(
                atPath: home + "/redis/appendonlydir", withIntermediateDirectories: true)
            try Data("nonsense".utf8).write(
                to: URL(filePath: home + "/redis/appendonlydir/appendonly.aof.manifest"))
            let error = await #expect(throws: EmbeddedRedisError.self) { try await EmbeddedRedis.open(home: home) }
            guard case .notStarted(let reason, let log) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(!reason.isEmpty)
            #expect(log == home + "/redis.log")
        }
    }

    @Test func aFolderThatCanNotBeIsNamed() async throws {
        let error = await #expect(throws: EmbeddedRedisError.self) { try await EmbeddedRedis.open(home: "/dev/null/x") }
        guard case .folder(let path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path == "/dev/null/x")
    }

    @Test func withoutAServerProgramItSaysWhatToInstall() async throws {
        try await withFolder { home in
            let child = try WorkerChild(home: home, path: "/nonexistent")
            #expect(child.wait() == 3)
            #expect(child.errors.contains("apt install redis-server"))
            #expect(child.errors.contains("REDIS_URL"))
        }
    }
}

/// A `worker run` with an embedded server, as another process.
private final class WorkerChild {
    private let pid: Int32
    private let log: String

    init(home: String, path: String? = nil) throws {
        log = home + ".log"
        try FileManager.default.createDirectory(
            atPath: (log as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        var environment = [
            "PACKHORSE_HOME": home, "PACKHORSE_LOG_FORMAT": "json", "PACKHORSE_HEALTH_FILE": home + ".health",
        ]
        environment["PATH"] = path ?? ProcessInfo.processInfo.environment["PATH"]
        environment["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
        pid = try spawn(
            [builtProgram("worker")], environment: environment, output: log, error: log)
    }

    var errors: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Where its Redis is, once it has joined.
    func redis() async throws -> RedisURL {
        while true {
            if errors.contains("\"joined\""), let url = errors.firstMatch(of: /"redis":"([^"]+)"/)?.1 {
                return try RedisURL(String(url))
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func kill() {
        Glibc.kill(pid, SIGKILL)
        _ = wait()
    }

    /// - Returns: its exit code.
    func stop() -> Int32 {
        Glibc.kill(pid, SIGTERM)
        return wait()
    }

    func wait() -> Int32 {
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return (status >> 8) & 0xFF
    }
}
