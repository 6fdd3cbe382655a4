internal import Enqueue
internal import Foundation
internal import Queue
internal import Servers
internal import TestSupport
internal import Testing

@Suite(.redis) struct ScheduleRouteTests {
    @Test func aScheduleIsPutShownAndDeleted() async throws {
        try await Door.open { door in
            let body = #"{"every":"15m","type":"test.echo","queue":"ocr","args":{"n":1},"overlap":"skip"}"#
            let new = try await door("PUT", "/v1/schedules/cards", body: body)
            #expect(new.status == 201)
            #expect(try new.object["name"] as? String == "cards")
            #expect(try new.object["nextTick"] is String)
            let same = try await door(
                "PUT", "/v1/schedules/cards", body: #"{"name":"cards",\#(body.dropFirst())"#)
            #expect(same.status == 200)
            #expect(same.body == new.body)
            let changed = try await door(
                "PUT", "/v1/schedules/cards", body: #"{"every":"1h","type":"test.echo","queue":"ocr"}"#)
            #expect(changed.status == 200)
            #expect(try changed.object["every"] as? String == "1h")

            let shown = try await door("GET", "/v1/schedules/cards")
            #expect(shown.status == 200)
            #expect(shown.body == changed.body)
            #expect(try await door("GET", "/v1/schedules/cards?queue=ocr").body == shown.body)
            let list = try await door("GET", "/v1/schedules").object["schedules"] as? [[String: Any]]
            #expect(list?.compactMap { $0["name"] as? String } == ["cards"])
            #expect(try await door("GET", "/v1/schedules?queue=other").body == #"{"schedules":[]}"#)

            let deleted = try await door("DELETE", "/v1/schedules/cards")
            #expect(deleted.status == 200)
            #expect(deleted.body == shown.body)
            for path in ["cards", "cards?queue=ocr", "cards/next", "%20"] {
                let gone = try await door("GET", "/v1/schedules/\(path)")
                #expect(gone.status == 404)
                #expect(try gone.problem() == "no_schedule")
            }
        }
    }

    @Test func aScheduleIsPausedResumedAndRun() async throws {
        try await Door.open { door in
            let spec = #"{"every":"1d","type":"test.echo","overlap":"skip"}"#
            _ = try await door("PUT", "/v1/schedules/s", body: spec)
            let paused = try await door("POST", "/v1/schedules/s/pause", body: "{}")
            #expect(paused.status == 200)
            #expect(try paused.object["paused"] as? String == "operator")
            #expect(try paused.object["nextTick"] == nil)
            let resumed = try await door("POST", "/v1/schedules/s/resume", body: "{}")
            #expect(resumed.status == 200)
            #expect(try resumed.object["nextTick"] is String)

            let run = try await door("POST", "/v1/schedules/s/run", body: "{}")
            #expect(run.status == 202)
            #expect(try run.object["outcome"] as? String == "started")
            let job = try await door("GET", try #require(run.headers["location"]))
            #expect(try job.object["id"] as? String == run.object["id"] as? String)
            let second = try await door("POST", "/v1/schedules/s/run", body: "{}")
            #expect(second.status == 409)
            #expect(try second.problem() == "skipped")
            #expect(try await door.enqueue.stats().queues.first?.queued == 1)

            // A web page can send other types to this machine without permission.
            for action in ["pause", "resume", "run"] {
                let answer = try await door(
                    "POST", "/v1/schedules/s/\(action)", body: "{}", headers: ["Content-Type": "text/plain"])
                #expect(try answer.problem() == "not_json")
            }
        }
    }

    @Test func theNextTicksComeInUTCAndOnTheClocksOfTheZone() async throws {
        try await Door.open { door in
            _ = try await door(
                "PUT", "/v1/schedules/s", body: #"{"cron":"0 12 * * *","zone":"Asia/Kolkata","type":"test.echo"}"#)
            let next = try await door("GET", "/v1/schedules/s/next?count=3")
            #expect(next.status == 200)
            #expect(try next.object["zone"] as? String == "Asia/Kolkata")
            let ticks = try #require(try next.object["ticks"] as? [[String: String]])
            #expect(ticks.count == 3)
            #expect(ticks.allSatisfy { $0["utc"]?.hasSuffix("T06:30:00.000Z") == true })
            #expect(ticks.allSatisfy { $0["local"]?.hasSuffix("T12:00:00+05:30") == true })
            for count in ["0", "1001", "x"] {
                #expect(try await door("GET", "/v1/schedules/s/next?count=\(count)").problem() == "wrong_value")
            }
        }
    }

    @Test(arguments: [
        (#"{"type":"x"}"#, "missing_field", "The field 'cron' is missing."),
        (#"{"every":"1h","type":"x","overlap":"no"}"#, "wrong_value", "The field 'overlap' is 'no'. Allowed: allow, "),
        (#"{"every":"1h","type":"x","nope":1}"#, "unknown_field", "There is no field 'nope'."),
        (#"{"every":"1h","type":"x","name":"t"}"#, "wrong_value", "the name in the path"),
        (#"{"every":"1h","type":"x","every":"2h"}"#, "repeated_field", "every"), ("[]", "malformed_json", "object"),
        (#"{"every":"1h",}"#, "malformed_json", "The body is not valid JSON"),
        (#"{"every":"1h","cron":"@daily","type":"x"}"#, "contradiction", "exclude each other"),
    ])
    func aFieldIsRefusedByName(_ body: String, _ code: String, _ message: String) async throws {
        try await Door.open { door in
            let answer = try await door("PUT", "/v1/schedules/s", body: body)
            #expect(answer.status == 400)
            #expect(try answer.problem() == code)
            #expect(try (answer.object["detail"] as? String)?.contains(message) == true, "\(answer.body)")
            #expect(try await door.enqueue.schedules().isEmpty)
        }
    }

    @Test func allFieldsAreNamedAtOnce() async throws {
        try await Door.open { door in
            let answer = try await door(
                "PUT", "/v1/schedules/s", body: #"{"every":"1ms","type":"a b","queue":"A","maxAttempts":0}"#)
            #expect(answer.status == 400)
            let errors = try #require(try answer.object["errors"] as? [[String: String]])
            #expect(Set(errors.compactMap { $0["field"] }) == ["every", "type", "queue", "maxAttempts"])
            #expect(errors.allSatisfy { Set($0.keys) == ["code", "detail", "field"] })
            let detail = try #require(try answer.object["detail"] as? String)
            #expect(errors.allSatisfy { detail.contains($0["detail"] ?? "?") })
            #expect(try await door("GET", "/v1/jobs/x").object["errors"] == nil)
        }
    }

    @Test func aNameInSeveralQueuesAndUnknownParametersAreRefused() async throws {
        try await Door.open { door in
            for queue in ["a", "b"] {
                _ = try await door(
                    "PUT", "/v1/schedules/s", body: #"{"every":"1h","type":"x","queue":"\#(queue)"}"#)
            }
            let unclear = try await door("GET", "/v1/schedules/s")
            #expect(unclear.status == 400)
            #expect(try unclear.problem() == "invalid")
            #expect(unclear.body.contains("several queues have a schedule 's': a, b. Name the queue."))
            #expect(try await door("GET", "/v1/schedules/s?queue=b").status == 200)
            #expect(try await door("GET", "/v1/schedules?que=b").problem() == "unknown_field")
            let post = try await door("POST", "/v1/schedules/s", body: "{}")
            #expect(post.status == 405)
            #expect(post.headers["allow"] == "DELETE, GET, HEAD, PUT")
        }
    }

    @Test func metricsShowSchedulesAndOverdueTicks() async throws {
        try await Door.open { door in
            _ = try await door("PUT", "/v1/schedules/daily", body: #"{"every":"1d","type":"test.echo"}"#)
            _ = try await door("PUT", "/v1/schedules/late", body: #"{"every":"1s","type":"test.echo"}"#)
            try await Scratch.wait("an overdue tick") {
                try await door("GET", "/metrics").body.contains("\npackhorse_ticks_overdue{queue=\"default\"} 1\n")
            }
            let text = try await door("GET", "/metrics").body
            #expect(text.contains("\npackhorse_schedules{queue=\"default\"} 2\n"))
            #expect(text.contains("\npackhorse_tick_overdue_seconds{queue=\"default\"} "))
            #expect(
                text.firstMatch(
                    of: #/packhorse_schedule_next_tick_seconds{queue="default",schedule="daily"} \d{10}\n/#) != nil)
        }
    }
}
