import EmbeddedRedis
import Foundation
import Glibc
import PackhorseRedis
import Servers
import Testing

@Suite struct EmbeddedRedisTests {
    /// Runs `body` with the path of a folder that is not there yet.
    private func withFolder(_ name: String = "home", _ body: (String) async throws -> Void) async throws {
        try await body(try Scratch.directory() + "/" + name)
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

    /// As after SIGKILL of all users: their locks are free, and nobody has stopped the server.
    @Test func withoutUsersItEndsByItself() async throws {
        try await withFolder { home in
            var user: EmbeddedRedis? = try await EmbeddedRedis.open(home: home)
            let server = try #require(pid(home))
            #expect(user != nil)
            user = nil
            try await Scratch.wait("the server to end") { kill(server, 0) != 0 }
        }
    }

    @Test func oneThatIsKilledIsReplacedAndLeavesNoZombie() async throws {
        try await withFolder { home in
            let user = try await EmbeddedRedis.open(home: home)
            let server = try #require(pid(home))
            kill(server, SIGKILL)
            try await Scratch.wait("the process to be gone") { kill(server, 0) != 0 }
            try await Scratch.wait("another server") { (try? ask(user.url, "PING").string) == "PONG" }
            await user.close()
        }
    }

    @Test func aRemovedFolderIsNoticed() async throws {
        try await withFolder { home in
            let user = try await EmbeddedRedis.open(home: home)
            let server = try #require(pid(home))
            try FileManager.default.removeItem(atPath: home)
            // The next user starts a server of its own; in the end both use that one.
            let next = try await EmbeddedRedis.open(home: home)
            _ = try ask(next.url, "SET", "k", "new")
            try await Scratch.wait("the old server to end") { kill(server, 0) != 0 }
            try await Scratch.wait("the new one to be used") { (try? ask(user.url, "GET", "k").string) == "new" }
            await next.close()
            #expect(try ask(user.url, "GET", "k").string == "new", "it has another user")
            await user.close()
            #expect(throws: RedisError.self) { try ask(user.url, "PING") }
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
                ("maxmemory-policy", "noeviction"), ("hash-max-listpack-value", "1024"),
                ("hash-max-listpack-entries", "32"), ("unixsocketperm", "700"),
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
            await child.kill()
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
            #expect(await child.stop() == 0)
            #expect(throws: RedisError.self) { try ask(mine.url, "PING") }
        }
    }

    @Test(arguments: [1, 30]) func aKilledServerIsStartedAgain(depth: Int) async throws {
        try await withFolder(String(repeating: "long/", count: depth)) { home in
            let redis = try await EmbeddedRedis.open(home: home)
            _ = try ask(redis.url, "SET", "k", "kept")
            let server = try #require(pid(home))
            kill(server, SIGKILL)
            try await Scratch.wait("another server") {
                pid(home) != server && (try? ask(redis.url, "PING")) != nil
            }
            #expect(try ask(redis.url, "GET", "k").string == "kept")
            await redis.close()
            #expect(throws: RedisError.self) { try ask(redis.url, "PING") }
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

    @Test func aFolderThatCannotBeMadeIsNamed() async throws {
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
            #expect(await child.wait() == 3)
            #expect(child.errors.contains("apt install redis-server"))
            #expect(child.errors.contains("REDIS_URL"))
        }
    }
}

/// A `worker run` with an embedded server, as another process.
private final class WorkerChild {
    private let process: ChildProcess
    private let log: String

    /// - Parameter path: where it finds programs; nil for the usual places.
    init(home: String, path: String? = nil) throws {
        log = try Scratch.directory() + "/log"
        // The programs are in the folder of the tests.
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let worker = (tests as NSString).deletingLastPathComponent + "/worker"
        process = try ChildProcess(
            "env",
            [
                "-i", "PATH=\(path ?? "/usr/local/bin:/usr/bin:/bin")", "PACKHORSE_HOME=\(home)",
                "PACKHORSE_HEALTH_FILE=\(log).health", worker,
            ], output: log)
    }

    deinit { process.signal(SIGKILL) }

    var errors: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Where its Redis is, once it has joined.
    func redis() async throws -> RedisURL {
        try await Scratch.wait("the worker to join") { errors.contains("\"joined\"") }
        guard let url = errors.firstMatch(of: /"redis":"([^"]+)"/)?.1 else {
            throw SupportError("no Redis in \(errors)")
        }
        return try RedisURL(String(url))
    }

    func kill() async {
        process.signal(SIGKILL)
        await process.wait()
    }

    /// - Returns: its exit code.
    func stop() async -> Int32 {
        process.signal(SIGTERM)
        return await wait()
    }

    func wait() async -> Int32 {
        await process.wait()
        return ((process.exit ?? -1) >> 8) & 0xFF
    }
}
