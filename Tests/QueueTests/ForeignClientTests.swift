import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// A client written by somebody else, or with fewer rights: it may be refused, and no job may be lost.
@Suite(.redis) struct ForeignClientTests {
    /// `unpack` takes 8,000 arguments at most: a job that was popped before would be gone.
    @Test func moreRoomThanAllowedCountsAsTheMaximum() async throws {
        let queue = try await makeQueue()
        for part in 0..<2 { try await queue.enqueue(try (0..<1000).map { try job("\(part)-\($0)") }, now: start) }
        try await queue.join("w", now: start)
        let reply = try await queue.run(.reserve, arguments: 3, now: start) { command in
            command.append("w")
            for number in [9000, 0] { command.append(number) }
        }
        #expect(reply.array?.count == 2 + 3 * 1000)
        #expect(try await queue.stats(now: start).queue.queued == 1000)
        try await expectInvariants(queue)
    }

    @Test(arguments: [(priority: 4, jobs: 1), (priority: -1, jobs: 1), (priority: 2, jobs: 1001)])
    func aBadEnqueueStoresNothing(priority: Int, jobs: Int) async throws {
        let queue = try await makeQueue()
        await #expect(throws: QueueError.self) {
            _ = try await queue.run(.enqueue, arguments: 1 + 2 * jobs, now: nil) { command in
                command.append(priority)
                for i in 0..<jobs { command.append(queue.base + "job:\(i)") }
                for _ in 0..<jobs { command.append("1 2 test.noop 1 \n{}") }
            }
        }
        #expect(try await queue.status(.of("0")).state == .unknown)
        try await expectInvariants(queue)
    }

    /// A connection of a user who lacks a right.
    private func connect(without right: String, like queue: Queue) async throws -> RedisConnection {
        for words in [["SETUSER", right, "on", ">pass", "~*", "&*", "+@all"], ["SETUSER", right, "-" + right]] {
            var user = RedisCommand("ACL", arguments: words.count)
            for word in words { user.append(word) }
            _ = try await queue.send(user)
        }
        let connection = RedisConnection(try RedisServer.current.url, name: "half")
        try await connection.connect()
        var login = RedisCommand("AUTH", arguments: 2)
        for word in [right, "pass"] { login.append(word) }
        _ = try await connection.send(login)
        return connection
    }

    /// `INFO` is among the commands that administrators deny.
    @Test func withoutTheRightToInfoDeadWorkersAreRescuedAllTheSame() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a")], now: start)
        try await queue.join("w1", server: "the one before", now: start)
        _ = try await queue.take(by: "w1", now: start)
        let half = try await connect(without: "info", like: queue)
        let lesser = Queue(queue.name, on: half)
        #expect(try await lesser.serverRun() == nil)
        try await lesser.join("w2", now: start + 10_000)
        #expect(try await lesser.take(by: "w2", now: start + 10_000).first?.attempt == 2)
        await half.close()
        try await expectInvariants(queue)
    }

    /// An error that is not about the type of the key is no damaged record.
    @Test func aMissingPermissionIsAnErrorAndNotAKnownJob() async throws {
        let queue = try await makeQueue()
        let half = try await connect(without: "hsetnx", like: queue)
        let error = await #expect(throws: QueueError.self) {
            try await Queue(queue.name, on: half).enqueue([try job("a")])
        }
        await half.close()
        guard case .refused(_, let message)? = error else {
            Issue.record("\(error.map { "\($0)" } ?? "no error")")
            return
        }
        // Redis' words, and Valkey's.
        #expect(message.contains("can't run this command") || message.contains("no permissions to run"), "\(message)")
    }
}
