internal import Enqueue
internal import Foundation
internal import Queue
internal import Servers
internal import TestSupport
internal import Testing

@Suite(.redis) struct JobRouteTests {
    private static let jobKeys: Set<String> = [
        "id", "type", "queue", "tenant", "priority", "state", "attempt", "maxAttempts", "failures", "crashes", "args",
        "progress", "result", "error", "errors", "createdAt", "runAt", "startedAt", "finishedAt", "expiresAt", "worker",
        "traceparent", "parent", "workflow", "waitsFor", "blockedBy",
    ]

    @Test func aJobIsAddedWithAllItsFields() async throws {
        try await Door.open { door in
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let answer = try await door.add(
                """
                {"type":"test.echo","args": {"n": 1.10, "text":"a \\" } ] , b"} ,"queue":"ocr","priority":"high",
                 "delaySeconds":3600,"expiresSeconds":7200.5,"maxAttempts":7,"timeoutSeconds":300,"tenant":"acme","key":null}
                """, headers: ["traceparent": trace])
            #expect(answer.status == 202)
            #expect(answer.headers["content-type"] == "application/json")
            let job = try answer.object
            let id = try #require(job["id"] as? String)
            #expect(answer.headers["location"] == "/v1/jobs/\(id)")
            #expect(Set(job.keys) == Self.jobKeys)
            #expect(answer.body.contains(#""args":{"n": 1.10, "text":"a \" } ] , b"}"#))
            #expect(job["state"] as? String == "scheduled")
            #expect(job["queue"] as? String == "ocr")
            #expect(job["priority"] as? String == "high")
            #expect(job["tenant"] as? String == "acme")
            #expect(job["maxAttempts"] as? Int == 7)
            #expect(job["traceparent"] as? String == trace)
            #expect(job["expiresAt"] is String)
            #expect(job["runAt"] is String)

            let again = try await door("GET", "/v1/jobs/\(id)")
            #expect(again.status == 200)
            #expect(again.body == answer.body)
            let head = try await door("HEAD", "/v1/jobs/\(id)")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            let later = try await door.add(#"{"type":"test.echo","runAt":"2031-05-04T12:00:00Z"}"#)
            #expect(try later.object["runAt"] as? String == "2031-05-04T12:00:00.000Z")
            let odd = try await door.add(#"{"type":"test.echo"}"#, headers: ["traceparent": "nonsense"])
            #expect(odd.status == 202)
            #expect(try (odd.object["traceparent"]) is NSNull)
        }
    }

    @Test(arguments: [
        ("", "malformed_json"), ("[]", "malformed_json"), (#"{"type":"#, "malformed_json"),
        (#"{"type":"test.echo"}}"#, "malformed_json"), ("{}", "missing_field"), (#"{"type":null}"#, "missing_field"),
        (#"{"type":"test.echo","arg":{}}"#, "unknown_field"), (#"{"type":"a.b","type":"a.c"}"#, "repeated_field"),
        (#"{"type":1}"#, "wrong_value"), (#"{"type":"test.echo","priority":"urgent"}"#, "wrong_value"),
        (#"{"type":"test.echo","delaySeconds":"1"}"#, "wrong_value"),
        (#"{"type":"test.echo","delaySeconds":-1}"#, "wrong_value"),
        (#"{"type":"test.echo","delaySeconds":1e300}"#, "wrong_value"),
        (#"{"type":"test.echo","runAt":"soon"}"#, "wrong_value"),
        (#"{"type":"test.echo","runAt":"2031-05-04T12:00:00Zfoo"}"#, "wrong_value"),
        (#"{"type":"test.echo","runAt":"2031-02-30T12:00:00Z"}"#, "wrong_value"),
        (#"{"type":"test.echo","maxAttempts":1.5}"#, "wrong_value"),
        (#"{"type":"test.echo","maxAttempts":0}"#, "invalid"),
        (#"{"type":"test.echo","delaySeconds":1,"runAt":"2031-05-04T12:00:00Z"}"#, "contradiction"),
        (#"{"type":"Not A Type"}"#, "invalid"), (#"{"type":"test.echo","queue":"Not A Queue"}"#, "invalid"),
    ])
    func aBodyThatCantBeIsRefused(_ body: String, _ code: String) async throws {
        try await Door.open { door in
            let answer = try await door.add(body)
            #expect(answer.status == 400)
            #expect(try answer.problem() == code, "\(answer.body)")
            if code == "unknown_field" { #expect(answer.body.contains("'arg'")) }
            let stats = try await door.enqueue.stats()
            #expect(stats.queues.isEmpty)
        }
    }

    @Test func theFirstInvalidFieldIsRefusedWithoutReadingTheOthers() async throws {
        try await Door.open { door in
            let early = try await door.add(#"{"type":"test.echo","nope":1,"type":"test.echo"}"#)
            #expect(try early.problem() == "unknown_field", "\(early.body)")
            // A look at each for each would take minutes, longer than the client waits.
            let many = (0..<64_000).map { #""f\#($0)":1"# }.joined(separator: ",")
            #expect(try await door.add("{\(many)}").problem() == "unknown_field")
        }
    }

    @Test func theIdempotencyKeyGivesTheSameJobAlsoWhenItHasEnded() async throws {
        try await Door.open(worker: true) { door in
            let body = #"{"type":"test.echo","args":{"n":1}}"#
            let first = try await door.add(body, headers: ["Idempotency-Key": "k 1"])
            #expect(first.status == 202)
            let id = try #require(try first.object["id"] as? String)
            #expect(try await door("GET", "/v1/jobs/\(id)?wait=10").object["state"] as? String == "succeeded")

            let second = try await door.add(body, headers: ["Idempotency-Key": "k 1"])
            #expect(second.status == 200)
            #expect(second.headers["location"] == "/v1/jobs/\(id)")
            #expect(try second.object["id"] as? String == id)
            let other = try await door.add(#"{"type":"test.echo"}"#, headers: ["Idempotency-Key": "k 1"])
            #expect(other.status == 422)
            #expect(try other.problem() == "key_reused")

            let both = try await door.add(#"{"type":"test.echo","key":"a"}"#, headers: ["Idempotency-Key": "b"])
            #expect(both.status == 400)
            #expect(try both.problem() == "contradiction")
        }
    }

    @Test func aKeyInTheBodyHoldsWhileTheJobLives() async throws {
        try await Door.open { door in
            let body = #"{"type":"test.echo","key":"k"}"#
            let first = try await door.add(body)
            let second = try await door.add(body)
            #expect(first.status == 202)
            #expect(second.status == 200)
            let id = try #require(try first.object["id"] as? String)
            #expect(try second.object["id"] as? String == id)
            _ = try await door("DELETE", "/v1/jobs/\(id)")
            #expect(try await door.add(body).status == 202)
        }
    }

    @Test func cancel() async throws {
        try await Door.open(worker: true) { door in
            let waiting = try await door.add(#"{"type":"test.echo","delaySeconds":100}"#)
            let id = try #require(try waiting.object["id"] as? String)
            let cancelled = try await door("DELETE", "/v1/jobs/\(id)")
            #expect(cancelled.status == 202)
            #expect(try (cancelled.object["state"] as? String) == "cancelled")
            let again = try await door("DELETE", "/v1/jobs/\(id)")
            #expect(again.status == 409)
            #expect(try again.problem() == "already_ended")

            let running = try await door.added("test.sleep")
            try await Scratch.wait("the job to run") {
                try await door.enqueue.status(JobID(running)).state == .running
            }
            #expect(try await door("DELETE", "/v1/jobs/\(running)").status == 202)
            let ended = try await door("GET", "/v1/jobs/\(running)?wait=10")
            #expect(try ended.object["state"] as? String == "cancelled")
        }
    }

    @Test func anUnknownJobIsNotFound() async throws {
        try await Door.open { door in
            for path in ["/v1/jobs/default.never", "/v1/jobs/default.never?wait=5", "/v1/jobs/nonsense"] {
                let answer = try await door("GET", path)
                #expect(answer.status == 404)
                #expect(try answer.problem() == "unknown_job")
            }
            #expect(try await door("DELETE", "/v1/jobs/default.never").problem() == "unknown_job")
            let nowhere = try await door("GET", "/v2/jobs")
            #expect(nowhere.status == 404)
            #expect(try nowhere.problem() == "no_such_route")
            let put = try await door("PUT", "/v1/jobs/default.a")
            #expect(put.status == 405)
            #expect(put.headers["allow"] == "DELETE, GET, HEAD")
            #expect(try put.problem() == "method_not_allowed")
            #expect(try await door("PUT", "/v1/jobs").headers["allow"] == "GET, HEAD, POST")
        }
    }

    @Test func aLargeBodyIsRefusedByItsLengthAndByItsBytes() async throws {
        try await Door.open(payloadLimit: 1024) { door in
            let fits = #"{"type":"test.echo","args":"\#(String(repeating: "x", count: 1022))"}"#
            #expect(try await door.add(fits).status == 202)
            let arguments = try await door.add(
                #"{"type":"test.echo","args":"\#(String(repeating: "x", count: 1023))"}"#)
            #expect(arguments.status == 413)
            #expect(try arguments.problem() == "too_large")
            #expect(arguments.body.contains("1024"))

            // Small arguments, so that only the limit of the whole body can refuse it.
            let body = #"{"type":"test.echo"\#(String(repeating: " ", count: 200_000))}"#
            let declared = try await door.add(body)
            #expect(declared.status == 413)
            #expect(try declared.problem() == "too_large")
            let chunk = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
            let head =
                "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            let chunked = try await Client.send(head + "Transfer-Encoding: chunked\r\n\r\n" + chunk, port: door.port)
            #expect(chunked.status == 413)
            #expect(try chunked.problem() == "too_large")
        }
    }

    @Test func onlyJSONIsTaken() async throws {
        try await Door.open { door in
            let form = try await door.add(#"{"type":"test.echo"}"#, headers: ["Content-Type": "text/plain"])
            #expect(form.status == 415)
            #expect(try form.problem() == "not_json")
            let charset = try await door.add(
                #"{"type":"test.echo"}"#, headers: ["Content-Type": "application/json; charset=utf-8"])
            #expect(charset.status == 202)
        }
    }
}
