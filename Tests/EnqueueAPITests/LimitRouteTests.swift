internal import Enqueue
internal import Queue
internal import TestSupport
internal import Testing

@Suite(.redis) struct LimitRouteTests {
    @Test func limitsAreSetShownAndRemoved() async throws {
        try await Door.open { door in
            let path = "/v1/queues/ocr/limits/a%2Fb"
            let set = try await door("PUT", path, body: #"{"everySeconds":0.1,"burst":5,"atOnce":2}"#)
            #expect(set.status == 200)
            let fields =
                #""key":"a/b","everySeconds":0.1,"burst":5,"count":null,"perSeconds":null,"atOnce":2,"maxWaiting":null"#
            #expect(set.body == "{\(fields)}")
            let shown = try await door("GET", path)
            #expect(shown.status == 200)
            #expect(shown.body == "{\(fields)" + #","running":0,"parked":0,"opensAt":null,"pausedUntil":null}"#)
            #expect(try await door("GET", "/v1/queues/ocr/limits").body == #"{"limits":[\#(shown.body)]}"#)
            let window = try await door("PUT", path, body: #"{"count":60,"perSeconds":60,"burst":null}"#)
            #expect(window.status == 200)
            #expect(try window.object["count"] as? Int == 60)
            #expect(try window.object["everySeconds"] as? Double == nil, "PUT replaces all limits")
            #expect(try await door("DELETE", path).status == 204)
            let gone = try await door("GET", path)
            #expect(gone.status == 404)
            #expect(try gone.problem() == "no_limit")
            #expect(try await door("GET", "/v1/queues/ocr/limits").body == #"{"limits":[]}"#)
        }
    }

    @Test func aClassOfKeysIsSetByItsStar() async throws {
        try await Door.open { door in
            _ = try await door("PUT", "/v1/queues/ocr/limits/tenant:*", body: #"{"atOnce":1}"#)
            let shown = try await door("GET", "/v1/queues/ocr/limits/tenant:%2A")
            #expect(try shown.object["key"] as? String == "tenant:*")
        }
    }

    @Test func waitingJobsAndAPauseAreShown() async throws {
        try await Door.open { door in
            let added = try await door("POST", "/v1/jobs", body: #"{"type":"test.echo","limits":["k"]}"#)
            #expect(added.status == 202)
            #expect(try added.object["waitsFor"] as? String == "k")
            let shown = try await door("GET", "/v1/queues/default/limits/k")
            #expect(try shown.object["parked"] as? Int == 1)
            #expect(try shown.object["everySeconds"] as? Double == nil)
            let listed = try await door("GET", "/v1/jobs?state=queued").object["jobs"] as? [[String: Any]]
            #expect(listed?.compactMap { $0["waitsFor"] as? String } == ["k"])
            let metrics = try await door("GET", "/metrics").body
            #expect(metrics.contains("\npackhorse_limit_parked{queue=\"default\",key=\"k\"} 1\n"), "\(metrics)")
            #expect(metrics.contains("\npackhorse_limit_running{queue=\"default\",key=\"k\"} 0\n"))
        }
    }

    @Test func aScheduleHasItsLimits() async throws {
        try await Door.open { door in
            let body = #"{"every":"1d","type":"test.echo","limits":["k",{"key":"l","cost":3}]}"#
            let put = try await door("PUT", "/v1/schedules/s", body: body)
            #expect(put.status == 201)
            #expect(put.body.contains(#""limits":["k",{"key":"l","cost":3}]"#))
            let run = try await door("POST", "/v1/schedules/s/run", body: "{}")
            let job = try await door("GET", try #require(run.headers["location"]))
            #expect(try job.object["waitsFor"] as? String == "k")
            let refused = try await door(
                "PUT", "/v1/schedules/s", body: #"{"every":"1d","type":"test.echo","limits":["k","k"]}"#)
            #expect(refused.status == 400)
        }
    }

    @Test(arguments: [
        ("{}", "invalid", "'limit'"), ("[]", "malformed_json", "must be an object"),
        (#"{"every":1}"#, "unknown_field", "'every'"), (#"{"everySeconds":0}"#, "invalid", "'everySeconds'"),
        (#"{"everySeconds":"1s"}"#, "wrong_value", "'everySeconds'"),
        (#"{"everySeconds":1,"burst":0}"#, "invalid", "'burst'"), (#"{"burst":2}"#, "missing_field", "'everySeconds'"),
        (#"{"everySeconds":1,"count":2,"perSeconds":3}"#, "contradiction", "'everySeconds' and 'count'"),
        (#"{"count":2}"#, "missing_field", "'perSeconds'"), (#"{"perSeconds":2}"#, "missing_field", "'count'"),
        (#"{"count":0,"perSeconds":2}"#, "invalid", "'count'"), (#"{"atOnce":0}"#, "invalid", "'atOnce'"),
        (#"{"maxWaiting":0}"#, "invalid", "'maxWaiting'"),
    ])
    func whatIsWrongIsRefusedByName(body: String, code: String, detail: String) async throws {
        try await Door.open { door in
            let answer = try await door("PUT", "/v1/queues/ocr/limits/k", body: body)
            #expect(answer.status == 400)
            #expect(try answer.problem() == code)
            #expect(try (answer.object["detail"] as? String)?.contains(detail) == true, "\(answer.body)")
            #expect(try await door("GET", "/v1/queues/ocr/limits/k").status == 404)
        }
    }

    @Test func aFractionOfAMillisecondIsShownAsItIsSet() async throws {
        try await Door.open { door in
            let queue = door.enqueue.queue(.default)
            try await queue.setLimit("k", to: Limit(rate: .spaced(.microseconds(1500))))
            let shown = try await door("GET", "/v1/queues/default/limits/k")
            #expect(try shown.object["everySeconds"] as? Double == 0.0015)
        }
    }

    @Test func aKeyThatIsTooLongIsRefused() async throws {
        try await Door.open { door in
            let path = "/v1/queues/ocr/limits/" + String(repeating: "k", count: 129)
            let answers = [
                try await door("PUT", path, body: #"{"atOnce":1}"#), try await door("GET", path),
                try await door("DELETE", path),
            ]
            #expect(answers.allSatisfy { $0.status == 400 })
        }
    }
}
