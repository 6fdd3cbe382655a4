import Enqueue
import Foundation
import Queue
import Servers
import TestSupport
import Testing

@Suite struct DocumentTests {
    private let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The limit is for what lies in Redis: a text goes past it, pages of a PDF that are too much for a step do too.
    @Test(.redis, arguments: ["notes.md", "field-guide.pdf"])
    func aDocumentMayHaveMoreTextThanAResultMayHaveBytes(name: String) async throws {
        let worker = try WorkerProcess(
            ["run"], redis: .current,
            environment: [
                "PACKHORSE_DOCUMENTS": package + "/samples", "PACKHORSE_MODELS": package + "/.models",
                "PACKHORSE_PAYLOAD_LIMIT": "1KiB",
            ])
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let arguments = Array(#"{"path":"\#(name)"}"#.utf8)
        let job = try await enqueue.add(NewJob("document.ingest", arguments: arguments, in: .default)).id
        let record = try await enqueue.wait(for: job, timeout: .seconds(60))
        #expect(record.state == .succeeded, "\(record.error?.message ?? "")")
        #expect(record.failures == 0, "\(record.error?.message ?? "")")
        let result = String(decoding: record.result?.bytes ?? [], as: UTF8.self)
        #expect(result.contains(#""verdicts":{"native""#))
        worker.signal(SIGTERM)
        #expect(try await worker.ended() == 0)
        await enqueue.close()
    }

    /// A file that is no database gets no better by waiting.
    @Test(
        .redis,
        arguments: [
            ("document.search", #"{"query":"bells"}"#), ("document.ingest", #"{"path":"notes.md"}"#),
        ]) func withoutAReadableStoreAJobIsDeadAtOnce(type: String, arguments: String) async throws
    {
        let home = try Scratch.directory()
        try Data(repeating: 7, count: 5000).write(to: URL(fileURLWithPath: home + "/documents.sqlite"))
        let worker = try WorkerProcess(
            ["run"], redis: .current, environment: ["PACKHORSE_HOME": home, "PACKHORSE_MODELS": package + "/.models"])
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let job = try await enqueue.add(NewJob(type, arguments: Array(arguments.utf8), in: .default)).id
        let record = try await enqueue.wait(for: job, timeout: .seconds(20))
        #expect(record.state == .dead)
        #expect(record.failures == 1)
        #expect(record.error?.type == "discarded")
        #expect(record.error?.message.contains("not a database") == true)
        worker.signal(SIGTERM)
        #expect(try await worker.ended() == 0)
        await enqueue.close()
    }
}
