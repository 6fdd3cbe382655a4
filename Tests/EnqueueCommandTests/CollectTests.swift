internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.redis) struct CollectTests {
    private let enqueue = EnqueueProgram()

    @Test func aJobIsAddedToThoseThatAreCollected() async throws {
        let id = try await enqueue.add(
            "test.echo", "--collect", "a b", "--collect-up-to", "75", "--collect-within", "1d")
        let job = try object(try await enqueue("status", id, "--json").output)
        #expect(job["waitsFor"] as? String == "collect:test.echo:a%20b")
        #expect(try await enqueue("status", id).output.contains("waits for collect:test.echo:a%20b"))
    }

    @Test func whatIsNotWholeIsRefused() async throws {
        #expect(try await enqueue("add", "test.echo", "--collect", "k").code == 2)
        #expect(try await enqueue("add", "test.echo", "--collect-up-to", "3").code == 2)
        let all = ["add", "test.echo", "--collect", "k", "--collect-up-to", "3", "--collect-within", "1s"]
        let contradiction = try await enqueue.run(all + ["--tenant", "t"])
        #expect(contradiction.code == 2)
        #expect(contradiction.errors.contains("tenant"))
    }
}
