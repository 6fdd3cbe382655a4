import Foundation
import Testing

@testable import Queue

/// One description of a job: read from JSON, checked, written again. No server.
@Suite struct JobSpecTests {
    private func spec(_ json: String) throws -> JobSpec { try JobSpec(json: Array(json.utf8)) }

    /// Why a description is refused.
    private func refusal(_ json: String) throws -> FieldError {
        let error = #expect(throws: QueueError.self) { try spec(json).job() }
        guard case .field(let field) = try #require(error) else { throw try #require(error) }
        return field
    }

    @Test func allFieldsReachTheJob() throws {
        let job = try spec(
            """
            {"type":"App.tasks.Add_2","version":3,"args": {"n": 1.10, "x":[1e400]} ,"queue":"ocr","priority":"high",
             "delaySeconds":1.5,"expiresSeconds":60,"maxAttempts":7,"timeoutSeconds":300,"key":"k","tenant":"acme"}
            """
        ).job(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        #expect(job.type == "App.tasks.Add_2")
        #expect(job.version == 3)
        #expect(String(decoding: job.arguments.bytes, as: UTF8.self) == #"{"n": 1.10, "x":[1e400]}"#)
        #expect(job.queue.text == "ocr")
        #expect(job.options.priority == .high)
        #expect(job.options.start == .after(.milliseconds(1500)))
        #expect(job.options.expiry == .after(.seconds(60)))
        #expect(job.options.maxAttempts == 7)
        #expect(job.options.timeout == .seconds(300))
        #expect(job.options.key == IdempotencyKey("k"))
        #expect(job.options.tenant == "acme")
        #expect(job.options.traceparent?.hasPrefix("00-4bf9") == true)
    }

    @Test func onlyTheTypeIsNeededAndNullIsNothing() throws {
        let job = try spec(#"{"type":"a.b","queue":null,"key":null,"runAt":null}"#).job()
        #expect(job.arguments.bytes == Array("{}".utf8))
        #expect(job.queue == .default)
        #expect(job.options == JobOptions())
    }

    @Test(arguments: [
        #"{"type":"a","version":2,"args":{"n": 1.0},"queue":"q","priority":"low","delaySeconds":0.25,"key":"é\n\"","tenant":"t"}"#,
        #"{"type":"a","runAt":"2031-05-04T12:00:00Z","expiresSeconds":3,"maxAttempts":1,"timeoutSeconds":2}"#,
        #"{"type":"a"}"#,
    ])
    func itIsStoredAndReadAgain(_ json: String) throws {
        let spec = try spec(json)
        #expect(try JobSpec(json: spec.json) == spec)
        let kept = try JSONEncoder().encode(["job": spec])
        let read = try JSONDecoder().decode([String: JobSpec].self, from: kept)
        #expect(read["job"] == spec, "also inside another value, with the bytes of its arguments")
    }

    @Test(
        arguments: [
            ("", .malformedJSON, "The body"), ("[]", .malformedJSON, "The body"),
            (#"{"type":"a",}"#, .malformedJSON, "The body"), (#"{"type":"a"}{}"#, .malformedJSON, "The body"),
            ("{}", .missing, "type"), (#"{"type":null}"#, .missing, "type"),
            (#"{"type":"a","arg":1}"#, .unknown, "arg"),
            (#"{"type":"a","type":"b"}"#, .repeated, "type"), (#"{"type":1}"#, .wrongValue, "type"),
            (#"{"type":"\ud800"}"#, .wrongValue, "type"), (#"{"type":"a b"}"#, .invalid, "type"),
            (#"{"type":"é"}"#, .invalid, "type"), (#"{"type":""}"#, .invalid, "type"),
            (#"{"type":"a","version":0}"#, .invalid, "version"),
            (#"{"type":"a","version":1.5}"#, .wrongValue, "version"),
            (#"{"type":"a","queue":"A"}"#, .invalid, "queue"),
            (#"{"type":"a","priority":"x"}"#, .wrongValue, "priority"),
            (#"{"type":"a","delaySeconds":"1"}"#, .wrongValue, "delaySeconds"),
            (#"{"type":"a","delaySeconds":-1}"#, .wrongValue, "delaySeconds"),
            (#"{"type":"a","delaySeconds":true}"#, .wrongValue, "delaySeconds"),
            (#"{"type":"a","expiresSeconds":1e999}"#, .wrongValue, "expiresSeconds"),
            (#"{"type":"a","runAt":"1960-01-01T00:00:00Z"}"#, .invalid, "runAt"),
            (#"{"type":"a","runAt":"soon"}"#, .wrongValue, "runAt"),
            (#"{"type":"a","runAt":"2031-05-04T12:00:00Z","delaySeconds":1}"#, .contradiction, "delaySeconds"),
            (#"{"type":"a","maxAttempts":1001}"#, .invalid, "maxAttempts"),
            (#"{"type":"a","timeoutSeconds":0}"#, .invalid, "timeoutSeconds"),
            (#"{"type":"a","key":""}"#, .invalid, "key"),
            (#"{"type":"a","tenant":""}"#, .invalid, "tenant"),
        ] as [(String, FieldError.Kind, String)])
    func aFieldIsRefusedByName(_ json: String, _ kind: FieldError.Kind, _ field: String) throws {
        let error = try refusal(json)
        #expect(error.kind == kind)
        #expect(error.field == field)
        #expect(error.description.contains(field))
    }

    @Test func theMessageSaysWhatWasFoundAndWhatIsAllowed() throws {
        #expect(
            try refusal(#"{"type":"a","maxAttempts":0}"#).description
                == "The field 'maxAttempts' is '0'. Allowed: 1 to 1000.")
        // The library says the same.
        #expect(throws: QueueError.field(try refusal(#"{"type":"a","maxAttempts":0}"#))) {
            try NewJob("a", arguments: [], in: .default, options: JobOptions(maxAttempts: 0))
        }
    }

    @Test(arguments: ["{\"a\":1,}", "01", "\"\\x41\"", "\u{FEFF}1", ""]) func argumentsMustBeJSON(_ text: String) {
        var spec = JobSpec(type: "a")
        spec.args = Array(text.utf8)
        let error = #expect(throws: QueueError.self) { try spec.job() }
        #expect(error?.description.hasPrefix("args is not valid JSON: ") == true)
    }

    @Test func theHeaderAndTheFieldExcludeEachOther() throws {
        var spec = JobSpec(type: "a")
        spec.key = "k"
        #expect(throws: QueueError.self) { try spec.job(idempotencyKey: "h") }
        spec.key = nil
        let key = try #require(try spec.job(idempotencyKey: "h").options.key)
        #expect(key.period == .seconds(86_400))
        #expect(key.states.contains(.succeeded))
    }

    /// Half a pair can't become the replacement character: two different keys would be one.
    @Test func halfASurrogatePairIsNoText() throws {
        #expect(try refusal(#"{"type":"a","key":"\udc00x"}"#).field == "key")
        #expect(try refusal(#"{"type":"a","tenant":"\ud83dx"}"#).field == "tenant")
        #expect(try spec(#"{"type":"a","key":"\ud83d\ude00"}"#).key == "😀")
        #expect(try spec(#"{"type":"a","args":"\ud800"}"#).job().arguments.bytes == Array(#""\ud800""#.utf8))
    }

    @Test func argumentsMayBeAsDeepInABodyAsAlone() throws {
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        let job = try spec(#"{"type":"a","args":\#(deep)}"#).job()
        #expect(job.arguments.bytes.count == 1000)
        #expect(throws: QueueError.self) { try spec(#"{"type":"a","args":[\#(deep)]}"#) }
    }
}
