internal import Enqueue
internal import Foundation
internal import PackhorseRedis
internal import Queue
internal import Servers
internal import TestSupport
internal import Testing

/// A short loss of the master is bridged: no client sees it.
@Suite(.redis) struct BridgeTests {
    private func ask(_ words: String...) async throws -> String {
        let connection = RedisConnection(try RedisServer.current.url, name: "test")
        try await connection.connect()
        var command = words[0] == "INFO" ? RedisCommand("INFO", arguments: 1) : RedisCommand("REPLICAOF", arguments: 2)
        for word in words.dropFirst() { command.append(word) }
        let text = try await connection.send(command).string ?? ""
        await connection.close()
        return text
    }

    @Test func theFirstRequestsAfterAFailoverAreAnsweredWhenThereIsAMasterAgain() async throws {
        try await Door.open { door in
            let id = try await door.added("test.echo")
            // What a failover looks like: the server that was the master refuses writes for a while.
            _ = try await ask("REPLICAOF", "127.0.0.1", "1")
            async let posted = door.add(#"{"type":"test.echo"}"#, headers: ["Idempotency-Key": "k"])
            async let cancelled = door("DELETE", "/v1/jobs/\(id)")
            try await Scratch.wait("a write to be refused") {
                try await ask("INFO", "errorstats").contains("errorstat_READONLY")
            }
            _ = try await ask("REPLICAOF", "NO", "ONE")
            #expect(try await posted.status == 202)
            #expect(try await cancelled.status == 202)
            #expect(try await door.enqueue.stats().queues.first?.queued == 1)
        }
    }
}
