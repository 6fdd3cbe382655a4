import Foundation
import PackhorseRedis
import Synchronization
import Servers
import TestSupport
import Testing

@Suite(.redis, .timeLimit(.minutes(3))) struct RedisSocketTests {
    @Test func callsFromAThread() async throws {
        let url = try RedisServer.current.url
        let replies = try await onThread {
            var socket = try RedisSocket.connect(url, clientName: "heart")
            return [
                try socket.call(command("CLIENT", "GETNAME"), timeout: .seconds(20)),
                try socket.call(command("INCR", "n"), timeout: .seconds(20)),
            ]
        }
        #expect(replies == [.bytes(Array("heart".utf8)), .integer(1)])
    }

    @Test func afterATimeoutASocketSendsNothingMore() async throws {
        let server = RedisServer.current
        let url = try server.url
        let errors = try await onThread {
            var socket = try RedisSocket.connect(url, clientName: "heart")
            var errors: [RedisError?] = []
            for (call, timeout) in [(command("BLPOP", "none", "0"), 100), (command("PING"), 2000)] {
                do throws(RedisError) {
                    _ = try socket.call(call, timeout: .milliseconds(timeout))
                    errors.append(nil)
                } catch { errors.append(error) }
            }
            return errors
        }
        // Else PING would wait behind BLPOP, and take its late reply for its own.
        let late = RedisError.unreachable(endpoint: server.socket, reason: "no reply within 0.1 seconds")
        #expect(errors == [late, late])
    }

    @Test func aSubscriptionReceivesAgainAfterARestart() async throws {
        let server = RedisServer.current
        let (heard, hear) = AsyncStream.makeStream(of: String.self)
        let (ready, listening) = AsyncStream.makeStream(of: Void.self)
        let subscription = RedisSubscription(
            try server.url, name: "ear", channels: ["a", "b"], listening: { _ in listening.yield() },
            heard: { hear.yield($0 + ":" + String(decoding: $1, as: UTF8.self)) })
        subscription.start()
        var (messages, times) = (heard.makeAsyncIterator(), ready.makeAsyncIterator())
        for round in 1...2 {
            await times.next()
            try await connected(server.url) { redis async throws in
                #expect(try await redis.send(command("PUBLISH", "b", "\(round)")).int == 1)
                #expect(await messages.next() == "b:\(round)")
            }
            if round == 1 { try await server.restart() }
        }
        await subscription.close()
        await subscription.close()
    }
}

/// Runs blocking work on a thread of its own.
private func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Swift.Result { try work() }) }.start()
    }
}
