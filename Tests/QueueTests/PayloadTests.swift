import PackhorseRedis
import TestSupport
import Testing

@testable import Queue

/// Bytes of any type and encoding go through unchanged, and JSON as it is costs nothing.
@Suite struct PayloadTests {
    private static let odd = Payload([0, 255, 10, 32], contentType: "application/octet-stream", encoding: "zstd")

    @Test func jsonIsKeptAsItIs() {
        #expect(Payload(Array("{}".utf8)).stored == Array("{}".utf8))
        #expect(Payload(stored: Array("{}".utf8)) == Payload(Array("{}".utf8)))
    }

    @Test(arguments: [
        odd, Payload([]), Payload([1]), Payload([1, 10, 1]), Payload(Array("é".utf8), contentType: "text/plain"),
    ])
    func whatIsKeptIsReadAgain(payload: Payload) {
        #expect(Payload(stored: payload.stored) == payload)
    }

    /// What a later version may write must not hide the bytes from this one.
    @Test func wordsThatItDoesNotKnowArePassedOver() {
        let payload = Payload(stored: [1] + Array("text/plain zstd key=7 more\nabc".utf8))
        #expect(payload == Payload(Array("abc".utf8), contentType: "text/plain", encoding: "zstd"))
    }

    @Test(arguments: ["", "text plain", "text/\n", String(repeating: "x", count: 129)])
    func aTypeOfAnotherFormIsRefused(type: String) throws {
        #expect(throws: QueueError.self) {
            try NewJob("test.noop", arguments: Payload([], contentType: type), in: .default)
        }
    }

    /// NIST's example, FIPS 180-4.
    @Test func theDigestIsTheBeginningOfSHA256() {
        #expect(Payload(Array("abc".utf8)).digest == "ba7816bf8f01cfea414140de5dae2223")
    }

    @Test(.redis) func argumentsStepsAndResultsKeepTheirForm() async throws {
        let queue = try await makeQueue()
        let odd = Self.odd
        try await queue.enqueue([try NewJob("test.noop", arguments: odd, in: .default, id: .of("a"))], now: start)
        try await queue.join("w", now: start)
        let claim = try #require(try await queue.take(by: "w", now: start).first)
        #expect(try JobBody(claim.body, of: "a").arguments == odd)
        _ = try await queue.saveProgress([(claim, .step(name: "s", result: odd))], by: "w", now: start)
        #expect(try await queue.steps(of: .of("a")) == ["s": odd])
        _ = try await queue.settle([Settled(claim, .succeeded(result: odd, dropsSteps: true))], by: "w", now: start)
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.result == odd)
        let json = String(decoding: record.json(), as: UTF8.self)
        #expect(json.contains(#""result":{"contentType":"application/octet-stream","encoding":"zstd","bytes":4}"#))
        try await expectInvariants(queue)
    }

    @Test(.redis) func aHeadWithMoreWordsIsRead() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue([try job("a", options: JobOptions(tenant: "t"))], now: start)
        try await queue.command("HSET", "job:a", "b", "1000 2 test.noop 1 {\"tenant\":\"t\",\"later\":[1]}\n{}")
        try await queue.join("w", now: start)
        let claim = try #require(try await queue.take(by: "w", now: start).first)
        _ = try await queue.settle([Settled(claim, .success)], by: "w", now: start)
        try await queue.command("HSET", "job:a", "r", "succeeded \(start) 1|\(start) w region=eu\n7")
        let record = try await queue.status(.of("a"), now: start)
        #expect(record.body?.tenant == "t")
        #expect(record.state == .succeeded)
        #expect(record.worker == "w")
        #expect(record.result == Payload(Array("7".utf8)))
    }

    /// The digest is of the plain bytes: whatever is done to them later, a repeated request is known as such.
    @Test func aRepeatedRequestIsKnownByItsDigest() throws {
        let key = JobOptions(key: IdempotencyKey("k"))
        let first = try job("a", options: key, arguments: #"{"n":1}"#)
        let body = try JobBody(first.header(created: 1) + [1, 2, 3], of: "a")
        #expect(body.isRepeated(by: try job("b", options: key, arguments: #"{"n":1}"#)))
        #expect(!body.isRepeated(by: try job("b", options: key, arguments: #"{"n":2}"#)))
    }
}
