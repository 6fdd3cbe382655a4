internal import Enqueue
internal import Foundation
internal import Queue
internal import TestSupport
internal import Testing

@Suite(.redis) struct ListTests {
    private func add(_ count: Int, _ type: String, to queue: String, tenant: String? = nil, _ door: Door) async throws {
        _ = try await door.enqueue.add(
            all: try (0..<count).map { _ in
                try NewJob(
                    type, arguments: Array("{}".utf8), in: QueueName(queue), options: JobOptions(tenant: tenant))
            })
    }

    private func ids(_ answer: Answer) throws -> [String] {
        try (answer.object["jobs"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    }

    @Test func jobsAreListedByStateQueueTypeAndTenant() async throws {
        try await Door.open { door in
            try await add(3, "test.echo", to: "a", tenant: "acme", door)
            try await add(2, "Test.Other", to: "a", door)
            try await add(4, "test.echo", to: "b", door)
            for (query, count) in [
                ("", 9), ("?state=queued", 9), ("?state=dead", 0), ("?state=dead,queued&queue=a", 5), ("?queue=c", 0),
                ("?type=Test.Other", 2), ("?tenant=acme", 3), ("?type=test.echo&queue=b&state=queued", 4),
                ("?tenant=acme&queue=b", 0),
            ] {
                let answer = try await door("GET", "/v1/jobs" + query)
                #expect(answer.status == 200)
                #expect(try ids(answer).count == count, "\(query)")
                #expect(try answer.object["next"] is NSNull)
            }
        }
    }

    @Test func pagesFollowOneAnother() async throws {
        try await Door.open { door in
            try await add(150, "test.echo", to: "a", door)
            try await add(130, "test.echo", to: "b", door)
            var seen: [String] = []
            var path: String? = "/v1/jobs?state=queued&limit=70"
            var pages = 0
            while let next = path {
                let answer = try await door("GET", next)
                seen += try ids(answer)
                pages += 1
                path = try (answer.object["next"] as? String).map { "/v1/jobs?state=queued&limit=70&after=\($0)" }
            }
            #expect(seen.count == 280)
            #expect(Set(seen).count == 280)
            #expect(pages == 4)
            let one = try await door("GET", "/v1/jobs?limit=1&type=test.echo&queue=b")
            #expect(try ids(one) == [seen[150]])
        }
    }

    @Test func endedJobsAreListedInPagesToo() async throws {
        try await Door.open(worker: true) { door in
            for _ in 0..<5 {
                let id = try await door.added("test.echo")
                _ = try await door("GET", "/v1/jobs/\(id)?wait=20")
            }
            var seen: [String] = []
            var next: String? = ""
            while let after = next {
                let answer = try await door("GET", "/v1/jobs?state=succeeded&limit=2\(after)")
                seen += try ids(answer)
                next = try (answer.object["next"] as? String).map { "&after=\($0)" }
            }
            #expect(Set(seen).count == 5)
            #expect(seen.count == 5)
        }
    }

    @Test(arguments: [
        ("state=nope", "wrong_value", "state"), ("state=unknown", "wrong_value", "state"),
        ("state=", "wrong_value", "state"),
        ("queue=A", "invalid", "queue"), ("limit=0", "invalid", "limit"), ("limit=1001", "invalid", "limit"),
        ("limit=x", "invalid", "limit"), ("after=x", "wrong_value", "after"),
        ("after=a.dead.-1.0", "wrong_value", "after"),
        ("sort=up", "unknown_field", "sort"), ("limit=1&limit=2", "repeated_field", "limit"),
    ])
    func aParameterIsRefusedByName(_ query: String, _ code: String, _ name: String) async throws {
        try await Door.open { door in
            let answer = try await door("GET", "/v1/jobs?" + query)
            #expect(answer.status == 400)
            #expect(try answer.problem() == code)
            #expect(answer.body.contains("'\(name)'"))
        }
    }
}
