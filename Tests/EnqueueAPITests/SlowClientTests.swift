internal import Enqueue
internal import Foundation
internal import Glibc
internal import Queue
internal import Servers
internal import TestSupport
internal import Testing

/// Clients that send slowly or stop sending.
@Suite(.redis) struct SlowClientTests {
    private static let head = "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

    /// Sends a byte of the body every 50 ms until the server closes the connection.
    private func drip(_ headers: String, port: Int) async throws -> (text: String, took: Duration) {
        let start = ContinuousClock.now
        let text = try await Client.dripping(Self.head + headers + "Content-Length: 100000\r\n\r\n", port: port)
        return (text, start.duration(to: .now))
    }

    @Test func aBodyThatDripsIsCutOff() async throws {
        try await Door.open(bodyTime: .milliseconds(500)) { door in
            let (text, took) = try await drip("", port: door.port)
            #expect(text.hasPrefix("HTTP/1.1 408 "), "\(text)")
            #expect(text.contains("slow_body"))
            #expect(took < .seconds(20))
        }
    }

    @Test func aClientWithoutTheTokenIsAnsweredBeforeItsBody() async throws {
        // Long enough that a busy machine refuses the token before the time is over.
        try await Door.open(token: "correct-horse-battery", bodyTime: .seconds(4)) { door in
            let (text, took) = try await drip("", port: door.port)
            #expect(text.hasPrefix("HTTP/1.1 401 "), "\(text)")
            #expect(took < .seconds(20))
        }
    }

    /// It can't be told from a client that is gone.
    @Test func whoClosesItsSideDuringALongPollGetsNoAnswer() async throws {
        try await Door.open { door in
            let id = try await door.added("test.echo")
            let text = try await Client.halfClosing(
                "GET /v1/jobs/\(id)?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n", port: door.port)
            #expect(text.isEmpty, "\(text)")
            try await Scratch.wait("the request to be forgotten") {
                try await door("GET", "/metrics").body.contains(#"status="499"} 1"#)
            }
        }
    }
}
