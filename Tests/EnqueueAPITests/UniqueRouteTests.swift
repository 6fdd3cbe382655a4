internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.redis) struct UniqueRouteTests {
    @Test func aKeyForATimeIsHeldAfterTheEnd() async throws {
        try await Door.open { door in
            let body = #"{"type":"test.echo","key":"k","keySeconds":3600}"#
            let first = try await door.add(body)
            #expect(first.status == 202)
            let id = try #require(try first.object["id"] as? String)
            _ = try await door("DELETE", "/v1/jobs/\(id)")
            let second = try await door.add(body)
            #expect(second.status == 200)
            #expect(try second.object["id"] as? String == id)
            #expect(try second.object["state"] as? String == "cancelled")
        }
    }

    @Test func theLastOneOfADebounceReplacesTheOthers() async throws {
        try await Door.open { door in
            func body(_ n: Int) -> String {
                #"{"type":"test.echo","args":\#(n),"debounce":{"key":"k","delaySeconds":3600,"maxWaitSeconds":7200}}"#
            }
            let first = try await door.add(body(1))
            let second = try await door.add(body(2))
            #expect(first.status == 202)
            #expect(second.status == 200)
            #expect(try first.object["id"] as? String == (try second.object["id"] as? String))
            #expect(try second.object["args"] as? Int == 2)
            #expect(try second.object["state"] as? String == "scheduled")
        }
    }

    @Test(arguments: [
        (#""keyWhile":"waiting""#, "missing_field"), (#""key":"k","keyWhile":"running""#, "wrong_value"),
        (#""debounce":{"key":"k"}"#, "missing_field"), (#""debounce":5"#, "wrong_value"),
        (#""debounce":{"key":"k","delaySeconds":0}"#, "invalid"),
        (#""debounce":{"key":"k","delaySeconds":1},"delaySeconds":1"#, "contradiction"),
    ])
    func whatDoesNotFitIsRefused(members: String, code: String) async throws {
        try await Door.open { door in
            let answer = try await door.add(#"{"type":"test.echo",\#(members)}"#)
            #expect(answer.status == 400)
            #expect(try answer.problem() == code)
        }
    }

    @Test func aDebounceExcludesTheHeader() async throws {
        try await Door.open { door in
            let body = #"{"type":"test.echo","debounce":{"key":"k","delaySeconds":1}}"#
            let answer = try await door.add(body, headers: ["Idempotency-Key": "i"])
            #expect(answer.status == 400)
            #expect(try answer.problem() == "contradiction")
        }
    }
}
