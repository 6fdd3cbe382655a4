import Floor
import Foundation
import Testing

@testable import Ingestion

/// Programs that are missing, hang, die or talk too much, played by shell scripts of the same name.
@Suite(.timeLimit(.minutes(3))) struct ToolTests {
    /// A directory of programs: the real ones by link, the played ones by their script.
    private func programs(in bench: Bench, real: [String] = [], played: [String: String] = [:]) throws -> String {
        let directory = bench.directory.appendingPathComponent("bin").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for name in real {
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory)/\(name)", withDestinationPath: "/usr/bin/\(name)")
        }
        for (name, script) in played {
            let path = "\(directory)/\(name)"
            try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        return directory
    }

    private let poppler = ["pdfinfo", "pdftotext", "pdftoppm"]

    @Test func aMissingProgramNamesItsPackage() async throws {
        try await Bench.with { bench in
            try bench.add(sample: "scanned-letter.pdf")
            let nothing = bench.ingestion(searchPath: "\(bench.directory.path)/nowhere")
            await #expect(throws: IngestionError.toolMissing(program: "pdfinfo", package: "poppler-utils")) {
                try await nothing.ingest(path: "scanned-letter.pdf", root: bench.root)
            }
            let withoutOCR = bench.ingestion(searchPath: try programs(in: bench, real: poppler))
            let missing = IngestionError.toolMissing(program: "tesseract", package: "tesseract-ocr")
            await #expect(throws: missing) {
                try await withoutOCR.ingest(path: "scanned-letter.pdf", root: bench.root)
            }
            #expect(missing.description.contains("apt-get install tesseract-ocr"))
            #expect(!missing.isRetryable)
            // What needs no OCR goes on without it.
            try bench.add(sample: "field-guide.pdf")
            #expect(try await withoutOCR.ingest(path: "field-guide.pdf", root: bench.root).pages == 4)
        }
    }

    @Test func cancellationEndsTheChildAndRemovesItsFiles() async throws {
        try await Bench.with { bench in
            try bench.add(sample: "scanned-letter.pdf")
            // The child writes its process id and the path of its picture, then works for ever.
            let pipe = bench.directory.appendingPathComponent("told").path
            #expect(mkfifo(pipe, 0o600) == 0)
            let path = try programs(
                in: bench, real: poppler,
                played: ["tesseract": "echo $$ \"$1\" $OMP_THREAD_LIMIT >'\(pipe)'\nexec /bin/sleep 600"])
            let ingestion = bench.ingestion(searchPath: path)
            let root = bench.root
            let task = Task { try await ingestion.ingest(path: "scanned-letter.pdf", root: root) }

            // Should it end without that, the reader below must not wait for ever.
            let ending = Task {
                _ = await task.result
                try? FileHandle(forUpdatingAtPath: pipe)?.close()
            }
            defer { ending.cancel() }

            let told = try await Package.threads.run { try FileHandle(forReadingAtPath: pipe)?.readToEnd() ?? Data() }
            let words = String(decoding: told, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
            try #require(words.count == 3)
            let child = try #require(pid_t(words[0]))
            #expect(kill(child, 0) == 0)
            #expect(FileManager.default.fileExists(atPath: words[1]))
            #expect(words[2] == "1")

            task.cancel()
            let result = await task.result
            #expect(throws: CancellationError.self) { try result.get() }
            // The child was waited for: its process id is free by now.
            #expect(isGone(child))
            let directory = URL(fileURLWithPath: words[1]).deletingLastPathComponent().path
            #expect(!FileManager.default.fileExists(atPath: directory))
            #expect(try await bench.store.documents().isEmpty)
        }
    }

    @Test func aCancelledTaskReadsNoFurtherPage() async throws {
        try await Bench.with { bench in
            try bench.add("pages.pdf", pdf((1...24).map { "This is page number \($0) of the book." }))
            let ingestion = bench.ingestion()
            let root = bench.root
            let notes = Notes<Int>()
            let task = Task {
                try await ingestion.ingest(
                    path: "pages.pdf", root: root,
                    progress: { done, _, _ in
                        await notes.add(done)
                        if done == 3 { withUnsafeCurrentTask { $0?.cancel() } }
                    })
            }
            let result = await task.result
            #expect(throws: CancellationError.self) { try result.get() }
            #expect(await notes.all == [0, 1, 2, 3])
        }
    }

    @Test func aProgramThatHangsIsEnded() async throws {
        try await Bench.with { bench in
            try bench.add("a.pdf", pdf(["hello"]))
            let path = try programs(in: bench, played: ["pdfinfo": "exec /bin/sleep 600"])
            var limits = IngestionLimits()
            limits.readingTime = .seconds(1)
            let ingestion = bench.ingestion(limits: limits, searchPath: path)
            await #expect(throws: IngestionError.toolTimedOut(program: "pdfinfo", seconds: 1)) {
                try await ingestion.ingest(path: "a.pdf", root: bench.root)
            }
        }
    }

    @Test func aProgramThatIsKilledMayBeTriedAgain() async throws {
        try await Bench.with { bench in
            try bench.add(sample: "scanned-letter.pdf")
            let path = try programs(in: bench, real: poppler, played: ["tesseract": "kill -9 $$"])
            let error = IngestionError.toolKilled(program: "tesseract", signal: 9)
            await #expect(throws: error) {
                try await bench.ingestion(searchPath: path).ingest(path: "scanned-letter.pdf", root: bench.root)
            }
            #expect(error.isRetryable)
        }
    }

    @Test func aProgramThatTalksTooMuchIsEnded() async throws {
        try await Bench.with { bench in
            let tools = Toolbox(searchPath: try programs(in: bench, played: ["pdfinfo": "exec /usr/bin/yes"]))
            await #expect(throws: IngestionError.toolOutputTooLarge(program: "pdfinfo", limit: 10_000)) {
                try await tools.run(.pdfinfo, [], limit: .seconds(30), mostOutput: 10_000)
            }
        }
    }

    /// Whatever secrets we hold in the environment, a program that opens strangers' files gets none.
    @Test func programsSeeNothingOfOurEnvironment() async throws {
        try await Bench.with { bench in
            let path = try programs(in: bench, played: ["pdfinfo": "exec /usr/bin/env"])
            setenv("PACKHORSE_TEST_SECRET", "open sesame", 1)
            defer { unsetenv("PACKHORSE_TEST_SECRET") }
            let output = try await Toolbox(searchPath: path).run(.pdfinfo, [], limit: .seconds(30))
            let names = String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap {
                $0.split(separator: "=").first.map(String.init)
            }
            #expect(
                Set(names).subtracting([
                    "PATH", "LANG", "OMP_THREAD_LIMIT", "TESSDATA_PREFIX", "PWD", "_", "SHLVL", "OLDPWD",
                ]).isEmpty)
            #expect(names.contains("OMP_THREAD_LIMIT"))
        }
    }

    @Test func aPageThatCannotBeReadIsReported() async throws {
        try await Bench.with { bench in
            // The first page has its own text, the second needs OCR, which fails.
            try bench.add("mixed.pdf", pdf(["A page with enough text of its own.", ""]))
            let path = try programs(in: bench, real: poppler, played: ["tesseract": "echo 'no light' >&2; exit 1"])
            let broken = bench.ingestion(searchPath: path)
            let result = try await broken.ingest(path: "mixed.pdf", root: bench.root)
            #expect(result.verdicts == ["native": 1, "failed": 1])
            #expect(result.chunks == 1)
            #expect(result.failures.map(\.page) == [2])
            #expect(result.failures.first?.reason.contains("no light") == true)
            let stored = try #require(try await bench.store.document(path: "mixed.pdf"))
            #expect(stored.state == .partial)
            #expect(stored.failures == result.failures)

            // A partial document is not taken for done: the next call reads it again.
            let again = try await bench.ingest("mixed.pdf")
            #expect(!again.skipped)
            #expect(again.verdicts == ["native": 1, "empty": 1])
            #expect(try await bench.store.document(path: "mixed.pdf")?.state == .complete)

            try bench.add(sample: "scanned-letter.pdf")
            let error = await #expect(throws: IngestionError.self) {
                try await broken.ingest(path: "scanned-letter.pdf", root: bench.root)
            }
            guard case .unreadable("scanned-letter.pdf", let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("no light"))
        }
    }
}
