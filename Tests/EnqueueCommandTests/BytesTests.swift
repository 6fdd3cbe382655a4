import Foundation
import Servers
import TestSupport
import Testing

/// Bytes that are no UTF-8, output that nobody reads: each is an error by name, and nothing is left behind.
@Suite struct BytesTests {
    private let enqueue = Child.products + "/enqueue"

    @Test(
        .redis,
        arguments: [
            #"add system.noop --args $'{"path":"caf\xe9"}'"#, #"add system.noop --key $'ingest-caf\xe8'"#,
            #"add system.noop --tenant $'\xff'"#, #"list --state $'queued\x80'"#,
        ])
    func argumentsThatAreNoUTF8AreRefused(arguments: String) async throws {
        let ending = try await Child.run(
            "bash", ["-c", "exec \(enqueue) \(arguments)"], environment: ["REDIS_URL": RedisServer.current.address])
        #expect(ending.code == 2)
        #expect(ending.errors.contains("is not UTF-8"))
        #expect(ending.output.isEmpty)
    }

    @Test func aVariableThatIsNoUTF8IsRefused() async throws {
        let script = #"export REDIS_URL=$'redis://:caf\xe9@127.0.0.1:1'; exec "# + enqueue + " stats"
        let ending = try await Child.run("bash", ["-c", script])
        #expect(ending.code == 2)
        #expect(ending.errors.contains("REDIS_URL is not UTF-8"))
        #expect(!ending.errors.contains("caf"), "it may be secret")
    }

    /// `enqueue list | head -1` with the private server.
    @Test func aReaderThatLeavesStopsThePrivateServer() async throws {
        let home = try Scratch.directory() + "/home"
        let added = try await Child.run(
            enqueue, ["add", "system.noop", "--count", "5000"], environment: ["PACKHORSE_HOME": home])
        #expect(added.code == 0)
        let script = "\(enqueue) list --state queued --limit 5000 --json | head -1; exit ${PIPESTATUS[0]}"
        let ending = try await Child.run("bash", ["-c", script], environment: ["PACKHORSE_HOME": home])
        #expect(ending.code == 141)
        #expect(!FileManager.default.fileExists(atPath: home + "/redis.sock"))
    }

    @Test func anOutputThatTakesNothingIsAnError() async throws {
        let home = try Scratch.directory() + "/home"
        let ending = try await Child.run(
            "bash", ["-c", "exec \(enqueue) stats --json >/dev/full"], environment: ["PACKHORSE_HOME": home])
        #expect(ending.code == 1)
        #expect(ending.errors.contains("cannot write to standard output"))
        #expect(!FileManager.default.fileExists(atPath: home + "/redis.sock"))
    }

    @Test(arguments: ["--help", "help add", "--version"]) func soIsOneThatTakesNoHelp(arguments: String) async throws {
        let ending = try await Child.run("bash", ["-c", "exec \(enqueue) \(arguments) >/dev/full"])
        #expect(ending.code == 1)
        #expect(ending.errors == "enqueue: cannot write to standard output: No space left on device\n")
    }

    @Test func tooFewOpenFilesEndWithAMessage() async throws {
        let ending = try await Child.run("bash", ["-c", "ulimit -n 4; exec \(enqueue) --help"])
        #expect(ending.code == 2)
        #expect(ending.errors.contains("ulimit -n 64"))
    }
}
