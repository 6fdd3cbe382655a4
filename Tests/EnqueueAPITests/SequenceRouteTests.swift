internal import Enqueue
internal import Queue
internal import TestSupport
internal import Testing

@Suite(.redis) struct SequenceRouteTests {
    @Test func sequencesAreListedAndResumed() async throws {
        try await Door.open { door in
            let body = #"{"type":"test.echo","sequence":"a/b"}"#
            let first = try await door("POST", "/v1/jobs", body: body)
            let going = #"{"type":"test.echo","sequence":{"key":"a/b","afterDead":"goOn"}}"#
            let second = try await door("POST", "/v1/jobs", body: going)
            #expect(try second.object["waitsFor"] as? String == "sequence:a%2Fb")
            #expect(try second.object["blockedBy"] as? String == first.object["id"] as? String)
            let path = "/v1/queues/default/sequences"
            let shown = try await door("GET", path + "/a%2Fb")
            #expect(try shown.object["following"] as? Int == 1)
            #expect(try await door("GET", path).body == #"{"sequences":[\#(shown.body)]}"#)
            #expect(try await door("POST", path + "/a%2Fb/resume").body == #"{"resumed":false}"#)
            #expect(try await door("POST", path + "/none/resume").status == 404)
            #expect(try await door("GET", path + "/none").status == 404)
        }
    }

    @Test(arguments: [#"7"#, #"{"afterDead":"halt"}"#, #"{"key":"k","afterDead":"no"}"#, #"{"key":"k","x":1}"#, #""""#])
    func whatNobodyCanMeanIsRefused(_ sequence: String) async throws {
        try await Door.open { door in
            let refused = try await door("POST", "/v1/jobs", body: #"{"type":"t","sequence":\#(sequence)}"#)
            #expect(refused.status == 400)
        }
    }
}
