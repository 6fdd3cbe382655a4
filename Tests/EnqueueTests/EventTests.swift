import Foundation
import PackhorseRedis
import Queue
import Servers
import TestSupport
import Testing

@testable import Enqueue

/// What `Enqueue.events(of:)` reports, from the job's present state to its end.
@Suite(.redis, .timeLimit(.minutes(2))) struct EventTests {
    private func report(_ done: Int) -> [UInt8] { Array(#"{"done":\#(done),"of":2}"#.utf8) }

    @Test func aJobIsFollowedToItsEnd() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let id = try await enqueue.add(NewJob("test.note", arguments: [], in: .default)).id
        let queue = enqueue.queue(.default)
        try await queue.join("w", lease: .seconds(60), about: "{}")
        let claim = try #require(try await queue.reserve(upTo: 1, by: "w").claims.first)
        var events = enqueue.events(of: id).makeAsyncIterator()
        guard case .began(let record)? = try await events.next() else { return #expect(Bool(false), "no beginning") }
        #expect(record.state == .running)

        try await Scratch.wait("somebody to hear the progress") {
            var numsub = RedisCommand("PUBSUB", arguments: 2)
            numsub.append("NUMSUB")
            numsub.append(queue.name(of: .progress))
            return try await enqueue.connection.send(numsub).array?.last?.int == 1
        }
        for done in 1...2 {
            #expect(try await queue.saveProgress([(claim, .progress(report(done)))], by: "w").isEmpty)
            guard case .progress(let json)? = try await events.next() else {
                return #expect(Bool(false), "no progress")
            }
            #expect(json == report(done))
        }
        _ = try await queue.settle([Settled(claim, .succeeded(result: .null, dropsSteps: false))], by: "w")
        guard case .ended(let last)? = try await events.next() else { return #expect(Bool(false), "no end") }
        #expect(last.state == .succeeded)
        #expect(try await events.next() == nil)
        await enqueue.close()
    }

    @Test func aJobThatHasEndedOrIsUnknownIsReportedOnce() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let cancelled = try await enqueue.add(NewJob("test.note", arguments: [], in: .default)).id
        try await enqueue.cancel(cancelled)
        for (id, state) in [(cancelled, JobState.cancelled), (JobID(in: .default), .unknown)] {
            var ends: [JobState] = []
            for try await event in enqueue.events(of: id) {
                guard case .ended(let record) = event else { return #expect(Bool(false), "\(event)") }
                ends.append(record.state)
            }
            #expect(ends == [state])
        }
        await enqueue.close()
    }

    @Test func closingEndsTheEvents() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let id = try await enqueue.add(NewJob("test.note", arguments: [], in: .default)).id
        var events = enqueue.events(of: id).makeAsyncIterator()
        guard case .began? = try await events.next() else { return #expect(Bool(false), "no beginning") }
        await enqueue.close()
        let next = try? await events.next()
        if case .ended? = next { Issue.record("it has not ended") }
    }

    @Test func aListenerThatLeavesIsForgotten() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let id = try await enqueue.add(NewJob("test.note", arguments: [], in: .default)).id
        let channel = enqueue.queue(.default).name(of: .progress)
        func listening() async throws -> Int? {
            var numsub = RedisCommand("PUBSUB", arguments: 2)
            numsub.append("NUMSUB")
            numsub.append(channel)
            return try await enqueue.connection.send(numsub).array?.last?.int
        }
        let follower = Task { for try await _ in enqueue.events(of: id) {} }
        try await Scratch.wait("the events to be heard") { try await listening() == 1 }
        follower.cancel()
        try await Scratch.wait("the subscription to end") { try await listening() == 0 }
        await enqueue.close()
    }
}
