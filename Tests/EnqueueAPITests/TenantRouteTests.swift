internal import Queue
internal import TestSupport
internal import Testing

@Suite(.redis) struct TenantRouteTests {
    @Test func termsAreSetShownAndRemoved() async throws {
        try await Door.open { door in
            let set = try await door("PUT", "/v1/queues/ocr/tenants/a%2Fb", body: #"{"weight":3,"maxWaiting":5}"#)
            #expect(set.status == 200)
            #expect(set.body == #"{"tenant":"a/b","weight":3,"maxWaiting":5}"#)
            let list = try await door("GET", "/v1/queues/ocr/tenants")
            #expect(list.body == #"{"tenants":[{"tenant":"a/b","weight":3,"maxWaiting":5,"ready":0}]}"#)
            #expect(try await door("DELETE", "/v1/queues/ocr/tenants/a%2Fb").status == 204)
            #expect(try await door("GET", "/v1/queues/ocr/tenants").body == #"{"tenants":[]}"#)
        }
    }

    @Test func aJobBeyondACapIsRefusedWithAHint() async throws {
        try await Door.open { door in
            _ = try await door("PATCH", "/v1/queues/default/config", body: #"{"maxWaiting":1}"#)
            #expect(try await door("POST", "/v1/jobs", body: #"{"type":"a"}"#).status == 202)
            let refused = try await door("POST", "/v1/jobs", body: #"{"type":"a"}"#)
            #expect(refused.status == 429)
            #expect(try refused.problem() == "cap_reached")
            #expect(refused.headers["retry-after"] == "5")
        }
    }

    @Test(arguments: [#"{"weight":1001}"#, #"{"maxWaiting":0}"#, #"{"share":1}"#, "[]"])
    func whatIsOutOfRangeIsRefused(body: String) async throws {
        try await Door.open { door in
            let answer = try await door("PUT", "/v1/queues/ocr/tenants/a", body: body)
            #expect(answer.status == 400)
        }
    }
}
