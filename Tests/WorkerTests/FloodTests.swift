import Enqueue
import Foundation
import Logging
import Queue
import Servers
import Synchronization
import TestSupport
import Testing

@testable import Worker

/// Keeps what is logged.
final class LogBook: Sendable {
    struct Line {
        let message: String
        let metadata: Logger.Metadata

        /// How many lines were counted in this one.
        var count: Int { metadata["count"].flatMap { Int($0.description) } ?? 1 }
    }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            book.all.withLock { $0.append(Line(message: event.message.description, metadata: all)) }
            book.written.fire()
        }
    }

    private let all = Mutex<[Line]>([])
    let written = Signals()

    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    func lines(_ message: String) -> [Line] { all.withLock { $0.filter { $0.message == message } } }
}

/// What a flood repeats is counted, not written.
@Suite(.timeLimit(.minutes(3))) struct FloodTests {
    @Test func theFirstLinesAreWrittenAndTheOthersCounted() {
        let book = LogBook()
        let lines = RepeatedLines(book.logger, period: .seconds(3600))
        for i in 0..<1000 { lines.log(.warning, "again", about: "a", first: 3, metadata: ["i": "\(i)"]) }
        lines.log(.warning, "again", about: "b", first: 3, metadata: ["i": "b"])
        #expect(book.lines("again").map { $0.metadata["i"]?.description } == ["0", "1", "2", "b"])
        lines.flush()
        #expect(book.lines("again").count == 5)
        #expect(book.lines("again").last?.count == 997)
        #expect(book.lines("again").last?.metadata["i"] == "3")
    }

    @Test func aFloodThatGoesOnHasOneLineAPeriod() {
        let book = LogBook()
        let lines = RepeatedLines(book.logger, period: .seconds(3600))
        for _ in 0..<3 {
            for _ in 0..<100 { lines.log(.warning, "again", first: 1, metadata: [:]) }
            lines.flush()
        }
        #expect(book.lines("again").map(\.count) == [1, 99, 100, 100])
        lines.flush()
        lines.flush()
        lines.log(.warning, "again", first: 1, metadata: [:])
        #expect(book.lines("again").map(\.count) == [1, 99, 100, 100, 1])
    }

    @Test func whatWasCountedIsWrittenWhenThePeriodEnds() async {
        let book = LogBook()
        let lines = RepeatedLines(book.logger, period: .milliseconds(20))
        for _ in 0..<5 { lines.log(.warning, "again", first: 1, metadata: [:]) }
        while book.lines("again").reduce(0, { $0 + $1.count }) < 5 { await book.written.next() }
        #expect(book.lines("again").reduce(0) { $0 + $1.count } == 5)
    }

    @Test func kindsWithoutEndAreCountedByMessage() {
        let book = LogBook()
        let lines = RepeatedLines(book.logger, period: .seconds(3600))
        for i in 0..<10_000 { lines.log(.warning, "again", about: "\(i)", first: 1, metadata: [:]) }
        lines.flush()
        #expect(book.lines("again").count == 202)
        #expect(book.lines("again").reduce(0) { $0 + $1.count } == 10_000)
    }

    /// A renamed handler, a deploy under way.
    @Test(.redis) func jobsOfAnUnknownTypeFloodNoLog() async throws {
        let book = LogBook()
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        _ = try await enqueue.add(all: (0..<2000).map { _ in try job("test.gone") })
        let options = WorkerOptions(
            concurrency: 8, lease: .seconds(60), unclaimedDelay: .seconds(600))
        let worker = Worker(redis: url, options: options, logger: book.logger) { Nothing.self }
        async let working: Void = worker.run()
        try await Scratch.wait("all to be put aside") {
            try await enqueue.queue(.default).stats().queue.unclaimed == 2000
        }
        worker.stop()
        try await working
        let lines = book.lines("job left to another worker: type or version unknown here")
        #expect(lines.reduce(0) { $0 + $1.count } == 2000)
        #expect(lines.count < 10)
        #expect(lines.first?.metadata["type"] == "test.gone")
        await enqueue.close()
    }

    @Test(.redis) func jobsThatFailFloodNoLog() async throws {
        let book = LogBook()
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url)
        _ = try await enqueue.add(all: (0..<500).map { _ in try job("test.fail") })
        let options = WorkerOptions(concurrency: 8, lease: .seconds(60))
        let worker = Worker(redis: url, options: options, logger: book.logger) {
            Handler(raw: "test.fail", retry: .never) { _, _ in throw Flaw() }
        }
        async let working: Void = worker.run()
        try await Scratch.wait("all to fail") { try await enqueue.queue(.default).stats().queue.dead == 500 }
        worker.stop()
        try await working
        let lines = book.lines("job is dead")
        #expect(lines.reduce(0) { $0 + $1.count } == 500)
        #expect(lines.count < 20)
        #expect(lines.last?.metadata["error"] == "Flaw")
        await enqueue.close()
    }
}
