import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// What is refused, and what verify finds.
extension SignalTests {
    @Test func aJobThatHasEndedOrIsUnknownGetsNoSignal() async throws {
        let queue = try await added()
        try await run(queue, .success)
        for (part, state) in [("a", JobState.succeeded), ("nobody", .unknown)] {
            await #expect {
                try await queue.signal("go", job: .of(part), now: start)
            } throws: { error in
                guard case QueueError.wrongState(_, let found, _) = error else { return false }
                return found == state
            }
            #expect(try await queue.command("HEXISTS", "job:\(part)", "g:go").int == 0)
        }
    }

    @Test func valuesOutOfRangeAreRefusedByName() async throws {
        let queue = try await queue()
        func field(_ body: () async throws -> Int) async -> String? {
            do {
                _ = try await body()
                return nil
            } catch QueueError.field(let error) {
                return error.field
            } catch QueueError.tooLarge(let what, _, _) {
                return what
            } catch {
                return "\(error)"
            }
        }
        #expect(await field { try await queue.signal("") } == "name")
        #expect(await field { try await queue.signal(String(repeating: "x", count: 129)) } == "name")
        #expect(await field { try await queue.signal("x", keep: .seconds(-1)) } == "keepSeconds")
        #expect(await field { try await queue.signal("x", keep: .seconds(30 * 86_400 + 1)) } == "keepSeconds")
        #expect(await field { try await queue.signal("x", payload: Array("{".utf8)) } == "payload")
        let large = Array("\"\(String(repeating: "x", count: 64 << 10))\"".utf8)
        #expect(await field { try await queue.signal("x", payload: large) } == "the payload of the signal")
        #expect(await field { try await queue.signal("x", job: try JobID("other.a")) } == "job")
        #expect(throws: QueueError.self) { try SignalWait("x", timeout: .seconds(-1)) }
        #expect(throws: QueueError.self) { try SignalWait("x", timeout: .zero, lookBack: .seconds(31 * 86_400)) }
        #expect(try await queue.command("EXISTS", "signals").int == 0)
    }

    @Test func aJobKeepsAtMostAHundredSignals() async throws {
        let queue = try await added()
        for i in 0..<100 { try await queue.signal("s\(i)", job: .of("a"), now: start) }
        try await queue.signal("s0", job: .of("a"), now: start)
        await #expect {
            try await queue.signal("more", job: .of("a"), now: start)
        } throws: {
            if case QueueError.capReached = $0 { true } else { false }
        }
    }

    @Test func aQueueKeepsAtMostTenThousandSignals() async throws {
        let queue = try await queue()
        var many = RedisCommand("ZADD", arguments: 20_001)
        many.append(queue.base + "signals")
        for i in 0..<10_000 {
            many.append(start + 1)
            many.append("s\(i)")
        }
        _ = try await queue.send(many)
        try await queue.signal("s0", now: start)
        await #expect {
            try await queue.signal("more", now: start)
        } throws: {
            if case QueueError.capReached = $0 { true } else { false }
        }
        try await queue.signal("more", now: start + 1)
        #expect(try await queue.command("ZCARD", "signals").int == 2, "those that have ended make room")
    }

    @Test func verifyFindsWaitsThatNoSignalCanEndAndThoseWithoutAJob() async throws {
        let queue = try await added()
        try await run(queue, try wait())
        #expect(try await queue.verify() == [])
        try await queue.command("SADD", "waiters:go", "ph:{default}:job:nobody")
        #expect(try await queue.verify().map(\.kind) == [.orphan])
        try await queue.command("DEL", "waiters:go")
        #expect(try await queue.verify().map(\.kind) == [.place])
        try await queue.command("SADD", "waiters:go", JobID.of("a").key)
        try await queue.command("HSET", "awaited", "ph:{default}:job:nobody", "go")
        #expect(try await queue.verify().map(\.kind) == [.orphan])
    }
}
