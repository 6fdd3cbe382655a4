internal import Foundation
internal import Glibc
internal import Servers
internal import TestSupport
internal import Testing

@Suite struct ConnectionTests {
    private func run(_ arguments: [String], _ environment: [String: String]) async throws -> Child.Ending {
        try await Child.run(Child.products + "/enqueue", arguments, environment: environment)
    }

    @Test(arguments: [["add", "test.echo"], ["stats"], ["status", "default.a"], ["verify"], ["top"], ["serve"]])
    func withoutRedisItEndsWithThree(_ arguments: [String]) async throws {
        let ending = try await run(arguments, ["REDIS_URL": "redis://:hunter2@127.0.0.1:1"])
        #expect(ending.code == 3)
        #expect(ending.errors.hasPrefix("enqueue: Redis at 127.0.0.1:1 is unreachable"))
        #expect(ending.errors.split(separator: "\n").count == 1)
        #expect(!ending.errors.contains("hunter2"))
    }

    @Test(arguments: [
        "redis://:hunter2@host:port", "redis://:hunter2#@host", "nonsense-hunter2", "redis://u:hunter2@h/x",
    ])
    func aMalformedURLEndsWithTwoAndShowsNoPassword(_ url: String) async throws {
        let ending = try await run(["stats"], ["REDIS_URL": url])
        #expect(ending.code == 2)
        #expect(ending.errors.hasPrefix("enqueue: "))
        #expect(ending.errors.contains("REDIS_URL"))
        #expect(ending.errors.split(separator: "\n").count == 1)
        #expect(!ending.errors.contains("hunter2"))
    }

    @Test(.redis) func theURLMayComeFromAFile() async throws {
        let server = RedisServer.current
        let file = FileManager.default.temporaryDirectory.appending(path: "url-\(UUID().uuidString)")
        try Data(server.address.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try await run(["stats"], ["REDIS_URL_FILE": file.path]).code == 0)
    }

    @Test func withoutAURLItUsesAPrivateServer() async throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: home) }
        let added = try await run(["add", "test.echo"], ["PACKHORSE_HOME": home.path])
        #expect(added.code == 0, "\(added.errors)")
        let status = try await run(["status", added.lines.first ?? "default.none"], ["PACKHORSE_HOME": home.path])
        #expect(status.output.contains(" queued"))
    }

    @Test(arguments: [
        (["add", "test.echo", "--wait"], SIGINT, 130), (["add", "test.echo", "--wait"], SIGTERM, 143),
        (["add", "test.echo", "--wait", "--json", "--key", "k"], SIGHUP, 129), (["top", "--json"], SIGINT, 130),
        (["serve", "--port", "0"], SIGHUP, 0), (["serve", "--port", "0"], SIGTERM, 0),
    ])
    func aSignalLeavesNoPrivateServerBehind(_ arguments: [String], _ signal: Int32, _ code: Int) async throws {
        let home = try Scratch.directory() + "/home"
        let child = try Child(
            Child.products + "/enqueue", arguments, environment: ["PACKHORSE_HOME": home])
        try await Scratch.wait("the command to be under way") {
            child.output.contains("\n") || child.errors.contains("\n")
        }
        #expect(FileManager.default.fileExists(atPath: home + "/redis.sock"))
        child.signal(signal)
        let ending = await child.end()
        #expect(Int(ending.code) == code, "\(ending)")
        // A server that is stopped takes its socket along.
        #expect(!FileManager.default.fileExists(atPath: home + "/redis.sock"))
    }

    @Test func aSignalLeavesNoPrivateServerBehindThatIsBeingStarted() async throws {
        let home = try Scratch.directory() + "/home"
        let child = try Child(Child.products + "/enqueue", ["stats"], environment: ["PACKHORSE_HOME": home])
        let log = home + "/redis.log"
        try await Scratch.wait("the server to be started") { FileManager.default.fileExists(atPath: log) }
        child.signal(SIGTERM)
        let ending = await child.end()
        // It may have had all that it wanted by then.
        #expect(ending.code == 143 || ending.code == 0, "\(ending)")
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.contains("bye bye"), "\(text)")
    }
}
