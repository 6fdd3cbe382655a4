import Enqueue
import Foundation
import Queue
import Servers
import TestSupport
import Testing

@Suite struct DocumentTests {
    /// A file that is no database gets no better by waiting.
    @Test(
        .redis,
        arguments: [
            ("document.search", #"{"query":"bells"}"#), ("document.ingest", #"{"path":"notes.md"}"#),
        ]) func withoutAReadableStoreAJobIsDeadAtOnce(type: String, arguments: String) async throws
    {
        let home = try Scratch.directory()
        try Data(repeating: 7, count: 5000).write(to: URL(fileURLWithPath: home + "/documents.sqlite"))
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let worker = try WorkerProcess(
            ["run"], redis: .current,
            environment: ["PACKHORSE_HOME": home, "PACKHORSE_MODELS": root.appendingPathComponent(".models").path])
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let job = try await enqueue.add(NewJob(type, arguments: Array(arguments.utf8), in: .default)).id
        let record = try await enqueue.wait(for: job, timeout: .seconds(20))
        #expect(record.state == .dead && record.failures == 1 && record.error?.type == "discarded")
        #expect(record.error?.message.contains("not a database") == true)
        worker.signal(SIGTERM)
        #expect(try await worker.ended() == 0)
        await enqueue.close()
    }
}
