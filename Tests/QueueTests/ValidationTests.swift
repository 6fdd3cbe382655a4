import Foundation
import Servers
import Testing

@testable import Queue

/// Names, ids, options and stored bytes: what is taken and what is refused. No server.
@Suite struct ValidationTests {
    @Test(arguments: ["default", "0", "a_b-c", String(repeating: "q", count: 64)])
    func queueNames(text: String) throws {
        #expect(try QueueName(text).text == text)
    }

    @Test(arguments: [
        "", "-a", "_a", "A", "a b", "a.b", "a:b", "a{b}", "ä", "a\n", String(repeating: "q", count: 65),
        "e\u{301}", "a\0",
    ])
    func noQueueNames(text: String) {
        #expect(throws: QueueError.self) { try QueueName(text) }
    }

    @Test(arguments: [
        "default.a", "q.A_b-c:9", "q.0199d2c4-7a31-7b5e-8a55-0123456789ab", "q." + String(repeating: "x", count: 64),
    ])
    func ids(text: String) throws {
        let id = try JobID(text)
        let queue = id.queue
        #expect(id.text == text)
        #expect(text.hasPrefix(queue.text + "."))
    }

    @Test(arguments: [
        "", ".", "a", "a.", ".a", "a.b.c", "A.b", "a.b c", "a.b\n", "a.ü", "a.b{c}",
        "q." + String(repeating: "x", count: 65),
    ])
    func noIds(text: String) {
        #expect(throws: QueueError.self) { try JobID(text) }
    }

    @Test func newIdsBelongToTheirQueueAndSort() throws {
        let ids = (0..<10_000).map { _ in JobID(in: .default).text }
        #expect(Set(ids).count == ids.count)
        #expect(ids.sorted() == ids)
        #expect(try JobID(ids[0]).queue == .default)
    }

    @Test func uuidsAreVersion7OfNow() throws {
        let before = Int(Date().timeIntervalSince1970 * 1000) - 1
        let text = UUIDv7.next(after: "")
        let after = Int(Date().timeIntervalSince1970 * 1000) + 1000  // ids of other tests may have run ahead a little
        let hex = text.split(separator: "-")
        #expect(hex.map(\.count) == [8, 4, 4, 4, 12])
        #expect(text == text.lowercased())
        #expect(UUID(uuidString: text) != nil)
        #expect(hex[2].first == "7")
        #expect("89ab".contains(hex[3].first!))
        #expect((before...after).contains(try #require(Int(hex[0] + hex[1], radix: 16))))
    }

    @Test func uuidsOfManyTasksAreUniqueAndOrderedInEach() async {
        let all = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<8 { group.addTask { (0..<20_000).map { _ in UUIDv7.next(after: "") } } }
            return await group.reduce(into: [[String]]()) { $0.append($1) }
        }
        #expect(Set(all.joined()).count == 160_000)
        #expect(all.allSatisfy { $0.sorted() == $0 })
    }

    private func store(_ options: JobOptions) throws {
        _ = try NewJob("t", arguments: [], in: .default, options: options)
    }

    static let good: [JobOptions] = [
        JobOptions(), JobOptions(start: .after(.zero)), JobOptions(start: .after(.seconds(3650 * 86_400))),
        JobOptions(start: .at(Date(timeIntervalSince1970: 0))),
        JobOptions(expiry: .at(Date(timeIntervalSince1970: 4_102_444_800))),
        JobOptions(maxAttempts: 1), JobOptions(maxAttempts: 1000), JobOptions(timeout: .milliseconds(1)),
        JobOptions(timeout: .seconds(30 * 86_400)), JobOptions(key: IdempotencyKey("k", period: .milliseconds(1))),
        JobOptions(key: IdempotencyKey(String(repeating: "k", count: 256))), JobOptions(tenant: "Zoë"),
        JobOptions(key: IdempotencyKey("k", while: [])),
    ]

    @Test(arguments: good) func options(options: JobOptions) throws { try store(options) }

    static let bad: [JobOptions] = [
        JobOptions(start: .after(.milliseconds(-1))), JobOptions(start: .after(.seconds(3651 * 86_400))),
        JobOptions(start: .after(.seconds(Int64.max))), JobOptions(start: .at(.distantFuture)),
        JobOptions(start: .at(.distantPast)), JobOptions(expiry: .at(Date(timeIntervalSince1970: .infinity))),
        JobOptions(expiry: .at(Date(timeIntervalSince1970: .nan))), JobOptions(expiry: .after(.seconds(-5))),
        JobOptions(maxAttempts: 0), JobOptions(maxAttempts: 1001), JobOptions(timeout: .zero),
        JobOptions(timeout: .seconds(Int64.max)), JobOptions(timeout: .seconds(30 * 86_400 + 1)),
        JobOptions(tenant: ""),
        JobOptions(tenant: String(repeating: "t", count: 129)), JobOptions(traceparent: ""),
        JobOptions(traceparent: "00-a-b-01"),
        JobOptions(traceparent: "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"),
        JobOptions(key: IdempotencyKey("")), JobOptions(key: IdempotencyKey(String(repeating: "k", count: 257))),
        JobOptions(key: IdempotencyKey("k", while: [.unknown])), JobOptions(key: IdempotencyKey("k", period: .zero)),
        JobOptions(key: IdempotencyKey("k", period: .seconds(Int64.max))),
    ]

    // By number: Foundation can't describe every date that it can hold.
    @Test(arguments: bad.indices) func noOptions(number: Int) {
        #expect(throws: QueueError.self) { try store(Self.bad[number]) }
    }

    @Test func typesAndSizes() throws {
        for type in ["", "a/b", "a b", "a\n", "ä", String(repeating: "t", count: 129)] {
            #expect(throws: QueueError.self) { try NewJob(type, arguments: [], in: .default) }
        }
        for type in ["a", "proj.tasks.Add_2-b", "A", String(repeating: "T", count: 128)] {
            #expect(try NewJob(type, arguments: [], in: .default).type == type)
        }
        #expect(throws: QueueError.self) { try NewJob("t", version: 0, arguments: [], in: .default) }
        #expect(throws: QueueError.self) { try NewJob("t", arguments: [], in: .default, id: JobID("other.a")) }
        #expect(throws: QueueError.tooLarge(what: "the arguments of a t job", bytes: 5, limit: 4)) {
            try NewJob("t", arguments: [1, 2, 3, 4, 5], in: .default, limit: 4)
        }
    }

    @Test func keyNamesBecomePartsOfRedisKeys() {
        #expect(IdempotencyKey("a.b_c:d-9").storedName == "a.b_c:d-9")
        #expect(IdempotencyKey("a b\n{}ä%").storedName == "a%20b%0A%7B%7D%C3%A4%25")
    }

    @Test func aBodyIsReadAsItWasWritten() throws {
        for options in Self.good {
            let job = try NewJob("a.b", version: 3, arguments: Array("{\n}".utf8), in: .default, options: options)
            let body = try JobBody(job.header(created: 1_000_000) + job.arguments.stored, of: "x")
            #expect(body.createdAt == 1_000_000)
            #expect(body.type == "a.b")
            #expect(body.version == 3)
            #expect(body.arguments == Payload(Array("{\n}".utf8)))
            #expect(body.priority == options.priority)
            #expect(body.maxAttempts == options.maxAttempts)
            #expect(body.timeout == options.timeout)
            #expect(body.tenant == options.tenant)
            #expect(body.stored.key == options.key?.storedName)
        }
    }

    @Test(arguments: [
        "", "\n", "1 2 t 1", "1  2 t 1 \n", "-1 2 t 1 \n", "1 4 t 1 \n", "1 2  1 \n", "1 2 t x \n",
        "1 2 t 1 {\n", "1 2 t 1 []\n", "1 2 t 1 {\"timeout\":\"x\"}\n", "1 2 t 1 {\"timeout\":1.5}\n", "1 2 t 1 x\n",
        "9999999999999999999 2 t 1 \n", "１ 2 t 1 \n",
    ])
    func noBodies(text: String) {
        #expect(throws: QueueError.self) { try JobBody(Array(text.utf8), of: "x") }
    }

    /// Whatever stands in Redis, reading it must not trap: a worker and the command line show it.
    @Test func bodiesOfAnyBytesAreReadOrRefused() {
        var random = SeededRandom(7)
        let seeds = [
            #"1000 2 test.noop 1 {"timeout":5,"key":"k","keyPeriod":9}"# + "\n{}", "1 0 t 1 \n",
            #"999999999999999999 3 t 999999999999999999 {"maxAttempts":9223372036854775807,"timeout":-9223372036854775808}"#
                + "\n",
        ].map { Array($0.utf8) }
        for _ in 0..<5000 {
            var bytes = random.pick(seeds)
            for _ in 0..<random.below(4) where !bytes.isEmpty {
                switch random.below(4) {
                case 0: bytes.remove(at: random.below(bytes.count))
                case 1: bytes.insert(UInt8(random.below(256)), at: random.below(bytes.count))
                case 2: bytes[random.below(bytes.count)] = UInt8(random.below(256))
                default: bytes.replaceSubrange(random.below(bytes.count)..., with: random.pick(seeds).suffix(9))
                }
            }
            guard let body = try? JobBody(bytes, of: "x") else { continue }
            _ = (body.tenant, body.timeout, body.maxAttempts)
        }
    }

    @Test func anErrorMessageKeepsToItsBytes() {
        for text in [String(repeating: "x", count: 5000), String(repeating: "👩‍👩‍👧‍👦", count: 400), "short"] {
            let message = JobFailure(type: "E", message: text, retryable: true).message
            #expect(message.utf8.count <= 2000)
            #expect((text.utf8.count > 2000) == message.hasSuffix(" …"))
            #expect(String(validating: Array(message.utf8), as: UTF8.self) != nil)
        }
    }

    @Test func timesAreShownToTheMillisecond() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"), (1_000_002, "1970-01-01T00:16:40.002Z"), (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            #expect(ISOTime.text(ms) == text)
        }
        #expect(
            (0..<1000).allSatisfy {
                ISOTime.text(1_790_000_000_000 + $0).hasSuffix(String(1000 + $0).dropFirst() + "Z")
            })
    }
}
