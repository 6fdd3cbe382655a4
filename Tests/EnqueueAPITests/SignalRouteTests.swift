internal import Enqueue
internal import Foundation
internal import Queue
internal import Servers
internal import TestSupport
internal import Testing
internal import Worker

@Suite(.redis, .timeLimit(.minutes(3))) struct SignalRouteTests {
    private func send(_ door: Door, _ body: String) async throws -> Answer {
        try await door("POST", "/v1/signals", body: body)
    }

    @Test func aSignalResumesAWaitingJob() async throws {
        try await Door.open(worker: true) { door in
            let id = try await door.added("test.await")
            try await Scratch.wait("the job to wait") {
                try await door("GET", "/v1/jobs/\(id)").object["waitsFor"] as? String == "signal:go"
            }
            #expect(try await door("GET", "/v1/jobs/\(id)").object["state"] as? String == "scheduled")
            let other = try await send(door, #"{"name":"other"}"#)
            #expect(other.status == 200)
            #expect(other.body == #"{"resumed":0}"#)
            #expect(try await send(door, #"{"name":"go","payload":{"by":"ada"}}"#).body == #"{"resumed":1}"#)
            let job = try await door("GET", "/v1/jobs/\(id)?wait=30")
            #expect(try job.object["state"] as? String == "succeeded")
            #expect(try job.object["result"] as? [String: String] == ["by": "ada"])
        }
    }

    @Test func aSignalForOneJobNeedsOneThatHasNotEnded() async throws {
        try await Door.open { door in
            let id = try await door.added("test.echo")
            #expect(try await send(door, #"{"name":"go","job":"\#(id)"}"#).body == #"{"resumed":0}"#)
            let unknown = try await send(door, #"{"name":"go","job":"default.nobody"}"#)
            #expect(unknown.status == 404)
            #expect(try unknown.problem() == "unknown_job")
            _ = try await door("DELETE", "/v1/jobs/\(id)")
            let ended = try await send(door, #"{"name":"go","job":"\#(id)"}"#)
            #expect(ended.status == 409)
            #expect(try ended.problem() == "wrong_state")
        }
    }

    @Test func waitingJobsAreCounted() async throws {
        try await Door.open(worker: true) { door in
            let id = try await door.added("test.await")
            try await Scratch.wait("the job to wait") {
                try await door("GET", "/metrics").body.contains(#"packhorse_jobs_awaiting{queue="default"} 1"#)
            }
            let list = try await door("GET", "/v1/jobs?state=scheduled").object["jobs"] as? [[String: Any]]
            #expect(list?.compactMap { $0["id"] as? String } == [id])
        }
    }

    @Test(arguments: [
        (#"{}"#, "missing_field", "'name'"), (#"{"name":""}"#, "invalid", "'name'"),
        (#"{"name":"x","nope":1}"#, "unknown_field", "'nope'"), (#"{"name":"x","job":"?"}"#, "invalid", "job id"),
        (#"{"name":"x","queue":"A"}"#, "invalid", "queue"),
        (#"{"name":"x","keepSeconds":-1}"#, "wrong_value", "'keepSeconds'"),
        (#"{"name":"x","keepSeconds":2592001}"#, "invalid", "'keepSeconds'"),
        (#"{"name":"x","queue":"a","job":"b.c"}"#, "contradiction", "exclude each other"),
        ("[]", "malformed_json", "object"),
    ])
    func aFieldIsRefusedByName(_ body: String, _ code: String, _ message: String) async throws {
        try await Door.open { door in
            let answer = try await send(door, body)
            #expect(answer.status == 400)
            #expect(try answer.problem() == code)
            #expect(try (answer.object["detail"] as? String)?.contains(message) == true, "\(answer.body)")
        }
    }

    @Test func aLargePayloadAndAnotherContentTypeAreRefused() async throws {
        try await Door.open { door in
            let large = String(repeating: "x", count: 64 << 10)
            #expect(try await send(door, #"{"name":"x","payload":"\#(large)"}"#).status == 413)
            let text = try await door(
                "POST", "/v1/signals", body: #"{"name":"x"}"#, headers: ["Content-Type": "text/plain"])
            #expect(try text.problem() == "not_json")
            #expect(try await door("GET", "/v1/signals").status == 405)
        }
    }
}
