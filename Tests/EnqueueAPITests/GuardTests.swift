internal import Enqueue
internal import EnqueueAPI
internal import Foundation
internal import Queue
internal import Secrets
internal import TestSupport
internal import Testing

@Suite(.redis) struct GuardTests {
    @Test func withATokenNothingElseIsLetIn() async throws {
        let token = "correct-horse-battery"
        try await Door.open(token: token) { door in
            let body = #"{"type":"test.echo"}"#
            let none = try await door.add(body)
            #expect(none.status == 401)
            #expect(try none.problem() == "no_token")
            #expect(none.headers["www-authenticate"] == "Bearer realm=\"packhorse\"")
            for wrong in [
                "Bearer correct-horse-batterx", "Bearer correct-horse-batter", "Bearer ", "Basic \(token)", token,
            ] {
                let answer = try await door.add(body, headers: ["Authorization": wrong])
                #expect(answer.status == 401, "\(wrong)")
                #expect(try answer.problem() == "wrong_token", "\(wrong)")
                #expect(answer.headers["www-authenticate"]?.contains("invalid_token") == true)
                #expect(!answer.body.contains(token))
            }
            #expect(try await door.add(body, headers: ["Authorization": "Bearer \(token)"]).status == 202)
            #expect(try await door("GET", "/v1/jobs/default.a").status == 401)
            #expect(try await door("GET", "/nowhere").status == 401)
            #expect(try await door("GET", "/metrics").status == 401)
            #expect(try await door("GET", "/healthz").status == 200)
            #expect(try await door("GET", "/readyz").status == 200)
            let elsewhere = try await door.add(
                body, headers: ["Authorization": "Bearer \(token)", "Host": "jobs.example.org"])
            #expect(elsewhere.status == 202)
        }
    }

    @Test func withoutATokenOnlyThisMachineIsServed() async throws {
        #expect(throws: APIError.needsToken(host: "0.0.0.0")) { try APIOptions(host: "0.0.0.0") }
        #expect(throws: APIError.needsToken(host: "127.0.0.1.example.org")) {
            try APIOptions(host: "127.0.0.1.example.org")
        }
        for host in ["127.0.0.1", "127.1.2.3", "localhost", "::1"] { _ = try APIOptions(host: host) }
        _ = try APIOptions(host: "0.0.0.0", token: Secret("correct-horse-battery"))

        try await Door.open { door in
            for host in ["evil.example", "evil.example:\(door.port)", "[2001:db8::1]:80", ""] {
                let answer = try await door.add(#"{"type":"test.echo"}"#, headers: ["Host": host])
                #expect(answer.status == 421, "\(host)")
                #expect(try answer.problem() == "foreign_host", "\(host)")
            }
            for host in ["localhost:\(door.port)", "[::1]:\(door.port)", "127.0.0.1"] {
                #expect(try await door.add(#"{"type":"test.echo"}"#, headers: ["Host": host]).status == 202)
            }
        }
    }
}
