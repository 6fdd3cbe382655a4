internal import Enqueue
internal import Queue
internal import TestSupport
internal import Testing

@Suite(.redis) struct CollectRouteTests {
    @Test func aJobIsCollected() async throws {
        try await Door.open { door in
            let body = #"{"type":"test.echo","collect":{"key":"k","upTo":75,"withinSeconds":86400}}"#
            let added = try await door("POST", "/v1/jobs", body: body)
            #expect(added.status == 202)
            #expect(try added.object["waitsFor"] as? String == "collect:test.echo:k")
        }
    }

    @Test(arguments: [
        #""k""#, #"{"key":"k","upTo":3}"#, #"{"key":"k","withinSeconds":1}"#, #"{"upTo":3,"withinSeconds":1}"#,
        #"{"key":"k","upTo":0,"withinSeconds":1}"#, #"{"key":"k","upTo":3,"withinSeconds":-1}"#,
    ])
    func whatNobodyCanMeanIsRefused(_ collect: String) async throws {
        try await Door.open { door in
            let refused = try await door("POST", "/v1/jobs", body: #"{"type":"t","collect":\#(collect)}"#)
            #expect(refused.status == 400)
        }
    }
}
