internal import Enqueue
internal import Foundation
internal import Queue
internal import TestSupport
internal import Testing

@Suite(.redis) struct ConfigTests {
    @Test func settingsOfAQueueAreShownAndChanged() async throws {
        try await Door.open { door in
            let before = try await door("GET", "/v1/queues/ocr/config")
            #expect(before.status == 200)
            #expect(try Set(before.object.keys) == Set(QueueSetting.allCases.map(\.rawValue)))
            #expect(try before.object["maxCrashes"] as? Int == 3)

            let changed = try await door(
                "PATCH", "/v1/queues/ocr/config", body: #"{"maxCrashes":5,"retainMs":60000,"maxKeys":null}"#)
            #expect(changed.status == 200)
            #expect(try changed.object["maxCrashes"] as? Int == 5)
            #expect(try changed.object["maxKeys"] as? Int == 1_000_000)
            #expect(try await door("GET", "/v1/queues/ocr/config").body == changed.body)
            #expect(try await door.enqueue.queue(QueueName("ocr")).config()[.retainMs] == 60_000)
            #expect(try await door.enqueue.queues().map(\.name.text) == ["ocr"], "it is listed from then on")
        }
    }

    @Test(arguments: [
        (#"{"maxCrashes":0}"#, "invalid", "The field 'maxCrashes' is '0'. Allowed: 1 to 1000."),
        (#"{"maxCrashes":"3"}"#, "wrong_value", "maxCrashes"), (#"{"retainMs":1.5}"#, "wrong_value", "retainMs"),
        (#"{"nope":1}"#, "unknown_field", "There is no field 'nope'."), ("[]", "malformed_json", "must be an object"),
        (#"{"maxKeys":1,"maxKeys":2}"#, "repeated_field", "maxKeys"), (#"{"maxKeys":1,}"#, "malformed_json", "JSON"),
    ])
    func aSettingIsRefusedByName(_ body: String, _ code: String, _ message: String) async throws {
        try await Door.open { door in
            let answer = try await door("PATCH", "/v1/queues/ocr/config", body: body)
            #expect(answer.status == 400)
            #expect(try answer.problem() == code)
            #expect(answer.body.contains(message), "\(answer.body)")
            #expect(try await door.enqueue.queues().isEmpty)
        }
    }

    @Test func aWrongQueueNameOrMethodIsRefused() async throws {
        try await Door.open { door in
            #expect(try await door("GET", "/v1/queues/A/config").problem() == "invalid")
            let post = try await door("POST", "/v1/queues/ocr/config", body: "{}")
            #expect(post.status == 405)
            #expect(post.headers["allow"] == "GET, HEAD, PATCH")
        }
    }
}
