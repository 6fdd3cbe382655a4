internal import Enqueue
internal import Foundation
internal import Queue
internal import PackhorseRedis
internal import Servers
internal import TestSupport
internal import Testing

@Suite(.redis) struct LongPollTests {
    @Test func itReturnsAsSoonAsTheJobEnds() async throws {
        try await Door.open(worker: true) { door in
            let added = try await door.add(#"{"type":"test.echo","args":{"n":1},"delaySeconds":3600}"#)
            let id = try #require(try added.object["id"] as? String)
            async let waited = door("GET", "/v1/jobs/\(id)?wait=60")
            try await Scratch.wait("the request to wait") { try await waiting(door) == 1 }
            let start = ContinuousClock.now
            try await door.enqueue.queue(.default).retry(JobID(id))
            let answer = try await waited
            #expect(answer.status == 200)
            #expect(answer.headers["connection"] == "close")
            #expect(try answer.object["state"] as? String == "succeeded")
            #expect(answer.body.contains(#""result":{"n":1}"#))
            #expect(start.duration(to: .now) < .seconds(30))
        }
    }

    @Test func itAsksRedisSeldom() async throws {
        try await Door.open { door in
            let id = try await door.added("test.echo")
            // The subscription is made by the first of all long polls; after it nothing but the wait itself is counted.
            _ = try await door("GET", "/v1/jobs/\(id)?wait=0.2")
            let before = try await commands()
            let answer = try await door("GET", "/v1/jobs/\(id)?wait=2")
            #expect(try answer.object["state"] as? String == "queued")
            // Two looks when it begins, two at its end, and a cheap one each two seconds for all who wait.
            #expect(try await commands() - before <= 6)
        }
    }

    /// How many script calls Redis has run.
    private func commands() async throws -> Int {
        let connection = RedisConnection(try RedisServer.current.url, name: "test")
        try await connection.connect()
        var info = RedisCommand("INFO", arguments: 1)
        info.append("commandstats")
        let text = try await connection.send(info).string ?? ""
        await connection.close()
        return text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("cmdstat_evalsha:") }
            .compactMap { $0.firstMatch(of: /calls=(\d+)/).flatMap { Int($0.1) } }.reduce(0, +)
    }

    @Test func aHundredAtOnce() async throws {
        try await Door.open(worker: true) { door in
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await door.add(#"{"type":"test.echo","delaySeconds":2}"#).object["id"] as? String ?? ""
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let states = try await withThrowingTaskGroup(of: String.self) { group in
                for id in ids {
                    group.addTask {
                        try await door("GET", "/v1/jobs/\(id)?wait=30").object["state"] as? String ?? ""
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(states == Array(repeating: "succeeded", count: 100))
            #expect(try await door("GET", "/metrics").body.contains("\npackhorse_http_waiting 0\n"))
        }
    }

    @Test func aClientThatLeavesIsForgotten() async throws {
        try await Door.open { door in
            let id = try await door.added("test.echo")
            let request = "GET /v1/jobs/\(id)?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            try await Client.abandon(request, port: door.port) {
                try await Scratch.wait("the request to wait") { try await waiting(door) == 1 }
            }
            try await Scratch.wait("the request to be forgotten", for: .seconds(5)) { try await waiting(door) == 0 }
            #expect(try await door("GET", "/metrics").body.contains(#"status="499"} 1"#))
        }
    }

    private func waiting(_ door: Door) async throws -> Int? {
        try await door("GET", "/metrics").body.split(separator: "\n").last { $0.hasPrefix("packhorse_http_waiting ") }
            .flatMap { Int($0.split(separator: " ")[1]) }
    }

    @Test func idsOfQueuesThatAreNotThereMakeNoSubscriptions() async throws {
        try await Door.open { door in
            for n in 0..<5 { #expect(try await door("GET", "/v1/jobs/made-up-\(n).a?wait=1").status == 404) }
            let connection = RedisConnection(try RedisServer.current.url, name: "test")
            try await connection.connect()
            var clients = RedisCommand("CLIENT", arguments: 1)
            clients.append("LIST")
            let list = try await connection.send(clients).string ?? ""
            await connection.close()
            #expect(list.contains("packhorse-enqueue"))
            #expect(!list.contains("packhorse-completions"))
        }
    }

    @Test(arguments: ["-1", "61", "soon", "nan"])
    func aWaitThatCantBeIsRefused(_ wait: String) async throws {
        try await Door.open { door in
            let answer = try await door("GET", "/v1/jobs/default.a?wait=\(wait)")
            #expect(answer.status == 400)
            #expect(try answer.problem() == "wrong_value")
        }
    }
}
