internal import Enqueue
internal import Foundation
internal import Queue
internal import PackhorseRedis
internal import Servers
internal import TestSupport
internal import Testing

/// What HTTP itself asks of a server, whatever it serves (RFC 9110, 9112).
@Suite(.redis) struct HTTPTests {
    private static let post = "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    private static let health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    private func statuses(_ text: String) -> [Int] {
        text.matches(of: #/HTTP/1\.1 (\d+) /#).compactMap { Int($0.1) }
    }

    @Test(arguments: ["/nowhere", "/v1/jobs", "/v1/jobs/default.never", "/v1/jobs/default.never?wait=x", "/healthz"])
    func headHasNoBody(_ path: String) async throws {
        try await Door.open { door in
            let head = try await door("HEAD", path)
            let get = try await door("GET", path)
            #expect(head.body.isEmpty)
            #expect(head.headers["content-length"] == get.headers["content-length"] || path == "/v1/jobs")
            #expect(head.status == get.status || path == "/v1/jobs")
        }
        try await Door.open(token: "correct-horse-battery") { door in
            let head = try await door("HEAD", "/metrics")
            #expect(head.status == 401)
            #expect(head.body.isEmpty)
        }
    }

    @Test func whatNeedsNoWaitLeavesTheConnectionUsable() async throws {
        try await Door.open(worker: true) { door in
            let ended = try await door.added("test.echo")
            _ = try await door("GET", "/v1/jobs/\(ended)?wait=20")
            for (id, status) in [("default.never", 404), (ended, 200)] {
                let poll = "GET /v1/jobs/\(id)?wait=5 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                let text = try await Client.text(poll + Self.health, port: door.port)
                #expect(statuses(text) == [status, 200], "\(text)")
            }
        }
    }

    @Test func aWaitThatFailsClosesTheConnection() async throws {
        try await Door.open { door in
            let id = try await door.added("test.echo")
            let poll = "GET /v1/jobs/\(id)?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            async let answer = Client.send(poll, port: door.port)
            try await Scratch.wait("the request to wait") {
                try await door("GET", "/metrics").body.contains("\npackhorse_http_waiting 1\n")
            }
            await RedisServer.current.kill()
            let failed = try await answer
            #expect(failed.status == 503)
            #expect(try failed.problem() == "redis_unreachable")
            #expect(failed.headers["connection"] == "close")
            try await RedisServer.current.restart()
        }
    }

    @Test func whoWaitsForLeaveToSendABodyGetsIt() async throws {
        try await Door.open(payloadLimit: 1024) { door in
            let body = #"{"type":"test.echo"}"#
            let head = Self.post + "Connection: close\r\nExpect: 100-continue\r\n"
            let small = try await Client.text(
                head + "Content-Length: \(body.utf8.count)\r\n\r\n", then: body, port: door.port)
            #expect(small.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 "), "\(small)")
            let large = try await Client.text(head + "Content-Length: 100000\r\n\r\n", port: door.port)
            #expect(statuses(large) == [413], "\(large)")
            let unasked = try await Client.text(
                Self.post + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body, port: door.port)
            #expect(statuses(unasked) == [202], "\(unasked)")
        }
    }

    @Test func aBrokenBodyIsTheClientsFault() async throws {
        try await Door.open { door in
            let chunks = try await Client.send(
                Self.post + "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", port: door.port)
            #expect(chunks.status == 400)
            #expect(try chunks.problem() == "malformed_body")
            #expect(chunks.headers["connection"] == "close")

            try await Client.abandon(
                Self.post + "Content-Length: 100\r\n\r\n{", port: door.port, when: {})
            try await Scratch.wait("the client to be missed") {
                try await door("GET", "/metrics").body.contains(#"route="/v1/jobs",method="POST",status="499"} 1"#)
            }
            #expect(try await !door("GET", "/metrics").body.contains(#"status="500""#))
        }
    }

    @Test(arguments: ["/v1/jobs", "/v1/jobs/default.a", "/nowhere"])
    func aMethodThatNobodyKnows(_ path: String) async throws {
        try await Door.open { door in
            let answer = try await door("PROPFIND", path)
            #expect(answer.status == 501)
            #expect(try answer.problem() == "unknown_method")
            #expect(answer.body.contains("PROPFIND"))
        }
    }

    @Test(arguments: [nil, "correct-horse-battery"]) func aRequestNamesOneHost(_ token: String?) async throws {
        try await Door.open(token: token) { door in
            let end = "Authorization: Bearer \(token ?? "")\r\nConnection: close\r\n\r\n"
            for hosts in ["", "Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nhost: evil.example\r\n"] {
                let answer = try await Client.send("GET /metrics HTTP/1.1\r\n" + hosts + end, port: door.port)
                #expect(answer.status == 400, "\(hosts)")
                #expect(try answer.problem() == "wrong_host", "\(hosts)")
            }
            let one = try await Client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n" + end, port: door.port)
            #expect(one.status == 200)
            // Probes of HTTP/1.0 have none.
            #expect(try await Client.send("GET /healthz HTTP/1.0\r\n" + end, port: door.port).status == 200)
        }
    }
}
