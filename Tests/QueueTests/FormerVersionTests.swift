import Foundation
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// What version 0.1.0 wrote stays readable, and its workers lose nothing when they run together with today's.
///
/// `Fixtures/0.1.0` has a dump of a Redis in which its programs worked, and its scripts, whole.
@Suite(.timeLimit(.minutes(3))) struct FormerVersionTests {
    private static func fixture(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: "Fixtures/0.1.0/" + name, withExtension: nil))
    }

    @Test func itsRecordsAreReadAndItsJobsRun() async throws {
        let server = try await RedisServer.start(dump: try Self.fixture("dump.rdb"))
        let connection = RedisConnection(try server.url, name: "test")
        try await connection.connect()
        let queue = Queue(.default, on: connection)
        #expect(try await queue.verify() == [])

        var found: [JobState: Int] = [:]
        for state in JobState.allCases {
            for record in try await queue.status(try await queue.list(state).ids) {
                #expect(record.state == state)
                #expect(record.body?.type.isEmpty == false)
                found[state, default: 0] += 1
            }
        }
        #expect(
            found == [.scheduled: 1, .queued: 7, .running: 1, .retrying: 1, .succeeded: 1, .dead: 1, .cancelled: 1])
        let dead = try await queue.status(try await queue.list(.dead).ids)[0]
        #expect(dead.error?.message.contains("made up") == true)
        #expect(dead.errors.count == 1)
        let late = try await queue.status(try await queue.list(.scheduled).ids)[0]
        #expect(late.body?.stored.key == "later")

        // Its dead worker's job comes back, what is due runs, and what has ended can be retried.
        try await queue.join("w", lease: .seconds(60), about: "{}")
        try await queue.retry(dead.id)
        var types: Set<String> = []
        // One of them expired an hour after the dump was made; the one for 2040 stays.
        while true {
            let claims = try await queue.reserve(upTo: 10, by: "w").claims
            for claim in claims { types.insert(try JobBody(claim.body, of: claim.id.text).type) }
            _ = try await queue.settle(claims.map { Settled($0, .success) }, by: "w")
            let counts = try await queue.stats().queue
            if counts.queued + counts.running + counts.retrying == 0 { break }
        }
        #expect(try await queue.stats().queue.scheduled == 1)
        #expect(types == ["system.noop", "system.fail", "system.sleep", "gone.type"])
        #expect(try await queue.verify() == [])
        await connection.close()
        await server.kill()
    }

    /// A queue with workers and producers of both versions, which call in a random order.
    @Test(.redis, arguments: [1, 2, 3, 4, 5, 6, 7, 8]) func bothVersionsSideBySide(seed: UInt64) async throws {
        let queue = try await makeQueue()
        let former = Former(queue: queue)
        var random = SeededRandom(seed)
        var now = start
        var workers: [(name: String, isFormer: Bool)] = []
        var claims: [String: [(job: String, claim: String)]] = [:]
        var stored = 0

        func join() async throws {
            let worker = (name: "w\(workers.count)", isFormer: Bool.random(using: &random))
            if worker.isFormer {
                try await former.call("beat", now, worker.name, "5000", "{}", "join")
            } else {
                try await queue.join(worker.name, lease: .seconds(5), about: "{}", now: now)
            }
            workers.append(worker)
        }
        func reserve(_ worker: (name: String, isFormer: Bool), _ room: Int) async throws {
            let rows: [(job: String, claim: String)]
            if worker.isFormer {
                rows = try await former.reserve(room, by: worker.name, now: now)
            } else {
                rows = try await queue.reserve(upTo: room, by: worker.name, now: now).claims
                    .map { ($0.id.key, $0.token) }
            }
            claims[worker.name, default: []] += rows
        }
        func settle(_ worker: (name: String, isFormer: Bool), failing: Bool) async throws {
            guard let held = claims[worker.name], !held.isEmpty else { return }
            claims[worker.name] = []
            // Each version with its own words; a failed one comes back a second later.
            let rows = held.flatMap { [$0.job, $0.claim, failing ? "failed" : "succeeded", "1000", "{}"] }
            let head = worker.isFormer ? [worker.name, "86400000", "0", "0"] : [worker.name, "0", "0"]
            if worker.isFormer {
                try await former.call("settle", now, head + rows)
            } else {
                _ = try await queue.run(.settle, arguments: head.count + rows.count, now: now) { command in
                    for argument in head + rows { command.append(argument) }
                }
            }
        }

        try await join()
        for step in 0..<120 {
            now += Int.random(in: 0...400, using: &random)
            let worker = workers[Int.random(in: 0..<workers.count, using: &random)]
            do {
                switch Int.random(in: 0..<10, using: &random) {
                case 0, 1:
                    let id = JobID.of("\(step)")
                    if Bool.random(using: &random) {
                        try await queue.enqueue([try job("\(step)")], now: now)
                    } else {
                        try await former.call("enqueue", now, "2", id.key, "\(now) 2 test.noop 1 \n{}")
                    }
                    stored += 1
                case 2, 3, 4: try await reserve(worker, Int.random(in: 1...3, using: &random))
                case 5, 6: try await settle(worker, failing: Bool.random(using: &random))
                case 7:
                    if worker.isFormer {
                        try await former.call("beat", now, worker.name, "5000", "{}", "")
                    } else {
                        _ = try await queue.beat(worker.name, lease: .seconds(5), about: "{}", now: now)
                    }
                case 8:
                    claims[worker.name] = []
                    if worker.isFormer {
                        try await former.call("leave", now, worker.name)
                    } else {
                        try await queue.leave(worker.name, now: now)
                    }
                default: try await join()
                }
            } catch QueueError.lapsed {
                claims[worker.name] = []
                try await join()
            }
        }

        // Whatever they held, the last two workers of each version finish it.
        let last = [(name: "new", isFormer: false), (name: "old", isFormer: true)]
        var rounds = 0
        repeat {
            now += 11_000
            try await queue.join("new", lease: .seconds(5), about: "{}", now: now)
            try await former.call("beat", now, "old", "5000", "{}", "join")
            for worker in last {
                try await reserve(worker, 100)
                try await settle(worker, failing: false)
            }
            rounds += 1
        } while try await queue.stats(now: now).queue.totals.succeeded + queue.stats(now: now).queue.totals.dead
            < stored
            && rounds < 50
        let totals = try await queue.stats(now: now).queue.totals
        #expect(totals.enqueued == stored)
        #expect(totals.succeeded + totals.dead == stored)
        try await expectInvariants(queue)
    }

    /// Calls the scripts of that version.
    private struct Former {
        let queue: Queue

        @discardableResult
        func call(_ script: String, _ now: Int, _ arguments: String...) async throws -> [RedisReply] {
            try await call(script, now, arguments)
        }

        @discardableResult
        func call(_ script: String, _ now: Int, _ arguments: [String]) async throws -> [RedisReply] {
            let text = try String(contentsOf: try FormerVersionTests.fixture(script + ".lua"), encoding: .utf8)
            var command = RedisCommand("EVAL", arguments: 4 + arguments.count)
            for argument in [text, "1", queue.base, "\(now)"] + arguments { command.append(argument) }
            let reply = try await queue.send(command)
            if case .error(let message) = reply {
                throw message.hasPrefix("LAPSED")
                    ? QueueError.lapsed(worker: "?") : SupportError("\(script): \(message)")
            }
            return reply.array ?? []
        }

        func reserve(_ room: Int, by worker: String, now: Int) async throws -> [(job: String, claim: String)] {
            let limits = ["3", "86400000", "268435456", "2592000000", "268435456", "0"]
            let reply = try await call("reserve", now, [worker, "\(room)"] + limits)
            return stride(from: 2, to: reply.count - 2, by: 3).map { i in
                let history = reply[i + 2].string ?? ""
                let claim = history.split(separator: " ").first.map(String.init) ?? "1|\(now)"
                return (reply[i].string ?? "", claim)
            }
        }
    }
}
