internal import Enqueue
internal import Foundation
internal import Queue
internal import Servers
internal import TestSupport
internal import Testing

@Suite(.redis) struct OperatorTests {
    @Test func probesAndMetrics() async throws {
        try await Door.open { door in
            #expect(try await door("GET", "/healthz").status == 200)
            #expect(try await door("GET", "/readyz").status == 200)
            _ = try await door.added("test.echo")
            _ = try await door("GET", "/some/\"path\"")
            let answer = try await door("GET", "/metrics")
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            for line in [
                #"packhorse_http_requests_total{route="/v1/jobs",method="POST",status="202"} 1"#,
                #"packhorse_http_requests_total{route="other",method="GET",status="404"} 1"#,
                #"packhorse_http_request_seconds_bucket{route="/v1/jobs",le="+Inf"} 1"#,
                #"packhorse_http_request_seconds_count{route="/v1/jobs"} 1"#,
                "packhorse_http_waiting 0", "packhorse_redis_up 1",
                #"packhorse_queue_jobs{queue="default",state="queued"} 1"#,
                #"packhorse_queue_jobs{queue="default",state="running"} 0"#,
                #"packhorse_queue_unclaimed{queue="default"} 0"#, #"packhorse_queue_damaged{queue="default"} 0"#,
            ] {
                #expect(answer.body.split(separator: "\n").contains { $0 == line }, "\(line)")
            }
            #expect(answer.body.contains(#"packhorse_queue_oldest_seconds{queue="default"} "#))

            // Counted again at most once a second: two looks in a row see the same, whatever is added between them.
            try await Scratch.wait("two looks within a second") {
                let before = try await queued(door)
                _ = try await door.added("test.echo")
                return try await queued(door) == before
            }
            let all = try await door.enqueue.stats().queues.first?.queued
            try await Scratch.wait("new numbers") { try await queued(door) == all }
        }
    }

    private func queued(_ door: Door) async throws -> Int? {
        try await door("GET", "/metrics").body
            .firstMatch(of: /packhorse_queue_jobs{queue="default",state="queued"} (\d+)/).flatMap { Int($0.1) }
    }

    @Test func withoutRedisItSaysSoAndRecovers() async throws {
        try await Door.open { door in
            await RedisServer.current.kill()
            #expect(try await door("GET", "/healthz").status == 200)
            let start = ContinuousClock.now
            let ready = try await door("GET", "/readyz")
            #expect(ready.status == 503)
            #expect(try ready.problem() == "redis_unreachable")
            #expect(try await door("GET", "/metrics").body.contains("packhorse_redis_up 0"))
            #expect(start.duration(to: .now) < .seconds(5))
            let answer = try await door.add(#"{"type":"test.echo"}"#)
            #expect(answer.status == 503)
            #expect(try answer.problem() == "redis_unreachable")
            #expect(answer.headers["retry-after"] != nil)

            try await RedisServer.current.restart()
            try await Scratch.wait("redis again") { try await door("GET", "/readyz").status == 200 }
            #expect(try await door.add(#"{"type":"test.echo"}"#).status == 202)
        }
    }

    @Test(.redis("--maxmemory", "4mb", "--maxmemory-policy", "noeviction")) func aFullRedisIs507() async throws {
        try await Door.open { door in
            let body = #"{"type":"test.echo","args":"\#(String(repeating: "x", count: 900_000))"}"#
            var answer = try await door.add(body)
            for _ in 0..<10 where answer.status == 202 { answer = try await door.add(body) }
            #expect(answer.status == 507)
            #expect(try answer.problem() == "redis_full")
            #expect(answer.headers["retry-after"] != nil)
        }
    }
}
