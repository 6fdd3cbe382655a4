import Figures
import Foundation
import Queue
import PackhorseRedis
import Worker

/// A worker process with the measured handlers.
struct BenchWorker {
    private let url: RedisURL
    private let concurrency: Int
    private let record: RecordFile

    init(_ flags: Flags) throws {
        var flags = flags
        url = try RedisURL(try flags.required("--redis"))
        concurrency = try flags.number("--concurrency", 1...10_000) ?? 256
        record = try RecordFile(appendingTo: try flags.required("--record"))
        try flags.end()
    }

    func run() async throws {
        let record = record
        var options = WorkerOptions()
        options.concurrency = concurrency
        let worker = Worker(redis: url, options: options) {
            Handler(raw: "system.noop") { _, _ in .null }
            Handler(collectingRaw: "bench.collected") { jobs, _ in jobs.map { _ in .success(.null) } }
            Summarize.self
            Handler(raw: "bench.arrive") { body, _ in
                // A string in quotes, without escapes: to decode it takes longer than all the rest.
                Stamper.stamp(at: String(decoding: body.arguments.bytes.dropFirst().dropLast(), as: UTF8.self))
                return .null
            }
            Handler(raw: "bench.permits") { body, context in
                let order = try JSONDecoder().decode(FlowPermits.Order.self, from: Data(body.arguments.bytes))
                for _ in 0..<order.permits {
                    try await context.permit("spaced")
                    Stamper.stamp(at: order.path)
                }
                return .null
            }
            Handler(raw: "bench.pause") { body, context in
                guard context.attempt == 1 else { return .null }
                throw RetryAfter(FlowPermits.pause, pausing: "spaced")
            }
            Handler(raw: "bench.start") { body, _ in
                let now = Monotonic.now
                let payload = try JSONDecoder().decode(BenchPayload.self, from: Data(body.arguments.bytes))
                record.append(Record(seq: payload.seq, sent: payload.t, at: now))
                return .null
            }
            Handler(raw: "bench.wait") { body, _ in
                let payload = try JSONDecoder().decode(BenchPayload.self, from: Data(body.arguments.bytes))
                record.append(Record(seq: payload.seq, sent: payload.t, at: Monotonic.now))
                do {
                    try await Task.sleep(for: .seconds(60))  // ends when it is cancelled
                } catch {
                    record.append(Record(seq: payload.seq, sent: payload.t, at: Monotonic.now))
                    throw error
                }
                return .null
            }
        }
        try await worker.run()
    }
}

/// A typed job: 100 bytes of arguments to decode, a result to encode.
struct Summarize: Job {
    static let type = "bench.summarize"
    var url: String
    var pages: Int
    var owner: String

    struct Summary: Codable, Sendable {
        var title: String
        var pages: Int
        var words: [Int]
    }

    func run(_ context: JobContext) async throws -> Summary {
        Summary(title: owner, pages: pages, words: [pages, pages * 2, pages * 3])
    }
}
