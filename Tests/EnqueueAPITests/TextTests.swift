internal import Enqueue
internal import Foundation
internal import Queue
internal import TestSupport
internal import Testing

/// Bytes that are not UTF-8, and JSON that is none, are refused by name.
@Suite(.redis) struct TextTests {
    private static let head = "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"

    private func post(_ body: [UInt8], headers: [UInt8] = [], to door: Door) async throws -> Answer {
        let fields = "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n"
        return try await Client.send(
            Array((Self.head + fields).utf8) + headers + Array("\r\n".utf8) + body, port: door.port)
    }

    private static let job = #"{"type":"test.echo"}"#

    /// UTF-16 in both orders, with and without its mark, UTF-32, a mark before UTF-8, Latin-1.
    private static let otherEncodings: [[UInt8]] = {
        let little: [UInt8] = job.utf16.flatMap { [UInt8($0), 0] }
        let big: [UInt8] = job.utf16.flatMap { [0, UInt8($0)] }
        let wide: [UInt8] = job.utf16.flatMap { [UInt8($0), 0, 0, 0] }
        let marked: [UInt8] = [0xEF, 0xBB, 0xBF] + Array(job.utf8)
        let latin: [UInt8] = Array(#"{"type":"test.echo","tenant":""#.utf8) + [0xE9, 0x22, 0x7D]
        return [little, [0xFF, 0xFE] + little, big, wide, marked, latin, [], [0]]
    }()

    private static let notJSON: [[UInt8]] = [
        #"{"type":"test.echo","args":{"a":1,}}"#, #"{"type":"test.echo","args":01}"#, #"{"type":"test.echo",}"#,
        #"{"type":"test.echo"}//"#, #"{"type":"test.echo"}{}"#, #"{'type':'test.echo'}"#,
    ].map { Array($0.utf8) }

    @Test(arguments: otherEncodings + notJSON)
    func aBodyThatIsNoJSONInUTF8(_ body: [UInt8]) async throws {
        try await Door.open { door in
            let answer = try await post(body, to: door)
            #expect(answer.status == 400)
            #expect(try answer.problem() == "malformed_json", "\(answer.body)")
            #expect(try await door.enqueue.stats().queues.isEmpty)
        }
    }

    @Test(arguments: ["Idempotency-Key", "traceparent"])
    func aHeaderThatIsNotUTF8(_ name: String) async throws {
        try await Door.open { door in
            for byte in [0xE8, 0xE9] as [UInt8] {
                let answer = try await post(
                    Array(Self.job.utf8), headers: Array("\(name): caf".utf8) + [byte] + Array("\r\n".utf8), to: door)
                #expect(answer.status == 400)
                #expect(try answer.problem() == "not_utf8")
                #expect(answer.body.contains(name.lowercased()))
            }
            #expect(try await door.enqueue.stats().queues.isEmpty)
            let sound = try await post(Array(Self.job.utf8), headers: Array("\(name): café\r\n".utf8), to: door)
            #expect(sound.status == 202)
        }
    }

    @Test func anIdempotencyKeyComesOnce() async throws {
        try await Door.open { door in
            let two = try await post(
                Array(Self.job.utf8), headers: Array("Idempotency-Key: a\r\nidempotency-key: b\r\n".utf8), to: door)
            #expect(two.status == 400)
            #expect(try two.problem() == "repeated_field")
        }
    }

    @Test(arguments: ["/v1/jobs/default.caf%E9", "/v1/jobs/default.a?wait=%FF", "/v1/jobs/default.a%zz", "/%c0%80"])
    func aPathThatIsNotUTF8(_ path: String) async throws {
        try await Door.open { door in
            let answer = try await door("GET", path)
            #expect(answer.status == 400)
            #expect(try answer.problem() == "malformed_uri")
            let raw = try await Client.send(
                Array("GET /v1/jobs/caf".utf8) + [0xE9]
                    + Array(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8),
                port: door.port)
            // Some are refused before they are read as a request at all.
            #expect(raw.status == 400)
        }
    }

    @Test func probesAnswerInJSON() async throws {
        try await Door.open { door in
            let health = try await door("GET", "/healthz")
            #expect(health.headers["content-type"] == "application/json")
            #expect(health.body == "{\"status\":\"ok\"}\n")
            let ready = try await door("GET", "/readyz")
            #expect(ready.headers["content-type"] == "application/json")
            #expect(try ready.object["ready"] as? Bool == true)
        }
    }

    /// A producer may store anything; what is shown is JSON all the same.
    @Test func whatWasStoredAndIsNoJSONIsShownAsAString() async throws {
        try await Door.open { door in
            let deep = String(repeating: "[", count: 501) + String(repeating: "]", count: 501)
            for bytes in [Array(#"{"a":1,}"#.utf8), [0x22, 0xE9, 0x22], Array("01".utf8), [0xFF], Array(deep.utf8)] {
                let job = try NewJob("test.echo", arguments: bytes, in: .default)
                _ = try await door.enqueue.add(job)
                let answer = try await door("GET", "/v1/jobs/\(job.id)")
                #expect(try answer.object["args"] as? String == String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
