import Foundation
import Testing

@testable import Ingestion

@Suite struct PipelineTests {
    @Test func anUnchangedFileIsNeitherReadNorWritten() async throws {
        try await Bench.with { bench in
            try bench.add(sample: "scanned-letter.pdf")
            let first = try await bench.ingest("scanned-letter.pdf")
            let before = try await bench.store.documents()
            let bytes = try Self.fingerprint(bench)

            // Without any program to read it with: nothing of the kind is needed.
            let second = try await bench.ingestion(searchPath: "/nowhere")
                .ingest(path: "scanned-letter.pdf", root: bench.root)
            #expect(second.skipped)
            #expect(second.pages == first.pages)
            #expect(second.pagesByOCR == 2)
            #expect(second.chunks == first.chunks)
            #expect(second.tokens == first.tokens)
            #expect(second.verdicts == first.verdicts)
            #expect(second.documentId == first.documentId)
            #expect(try await bench.store.documents() == before)
            #expect(try Self.fingerprint(bench) == bytes)
        }
    }

    /// All bytes that the store has on disk, write-ahead log included.
    private static func fingerprint(_ bench: Bench) throws -> [Data] {
        try ["", "-wal"].map { try Data(contentsOf: URL(fileURLWithPath: bench.storePath + $0)) }
    }

    @Test func aChangedFileTakesThePlaceOfTheOld() async throws {
        try await Bench.with { bench in
            func text(_ middle: String) -> String {
                [
                    "# Roads", "The first part is about roads.", "## Middle", middle, "## Last",
                    "The last part is about salt.",
                ]
                .joined(separator: "\n\n")
            }
            try bench.add("notes.md", text("The old middle speaks of lanterns."))
            let first = try await bench.ingest("notes.md")
            let old = try await bench.search("notes", limit: 10)

            try bench.add("notes.md", text("The new middle speaks of bridges."))
            let second = try await bench.ingest("notes.md")
            let new = try await bench.search("notes", limit: 10)

            #expect(second.documentId == first.documentId)
            #expect(!second.skipped)
            #expect(try await bench.store.document(path: "notes.md")?.generation == 2)
            #expect(old.count == 3)
            #expect(new.count == 3)
            #expect(Set(old.map(\.id)).intersection(new.map(\.id)).count == 2)
            #expect(!new.contains { $0.text.contains("lanterns") })
            #expect(new.contains { $0.text.contains("bridges") })
        }
    }

    /// A text may be larger than what a step can keep.
    @Test func aTextFileKeepsNoSteps() async throws {
        try await Bench.with { bench in
            try bench.add("market.txt", "The market opens on Tuesday.")
            let result = try await bench.ingestion().ingest(path: "market.txt", root: bench.root) { name, _ in
                Issue.record("\(name)")
                return []
            }
            #expect(result.pages == 1)
            #expect(result.chunks == 1)
        }
    }

    /// What a durable step kept in the attempt before is not done again; another file of the same name starts over.
    @Test func aSecondAttemptGoesOnWhereTheFirstStopped() async throws {
        struct Stopped: Error {}
        actor Journal {
            var kept: [String: Data] = [:]
            var ran: [String] = []
            var stopsAt: String? = "9-16"

            func run(_ name: String, _ part: @Sendable () async throws -> [PageText]) async throws -> [PageText] {
                if let kept = kept[name] { return try JSONDecoder().decode([PageText].self, from: kept) }
                if let stopsAt, name.contains(stopsAt) { throw Stopped() }
                ran.append(name)
                let pages = try await part()
                kept[name] = try JSONEncoder().encode(pages)
                return pages
            }
            func resume() {
                stopsAt = nil
                ran = []
            }
        }
        try await Bench.with { bench in
            try bench.add("book.pdf", pdf((1...20).map { "This is page number \($0) of the book." }))
            let journal = Journal()
            await #expect(throws: Stopped.self) {
                try await bench.ingestion().ingest(path: "book.pdf", root: bench.root) { try await journal.run($0, $1) }
            }
            #expect(await journal.ran.count == 1)
            #expect(try await bench.store.documents().isEmpty)

            await journal.resume()
            let result = try await bench.ingestion().ingest(path: "book.pdf", root: bench.root) {
                try await journal.run($0, $1)
            }
            #expect(result.pages == 20)
            #expect(result.chunks == 20)
            let ran = await journal.ran
            try #require(ran.count == 2)
            #expect(ran[0].contains("pages 9-16 "))
            #expect(ran[1].contains("pages 17-20 "))

            await journal.resume()
            try bench.add("book.pdf", pdf((1...20).map { "This is leaf number \($0) of the book." }))
            _ = try await bench.ingestion().ingest(path: "book.pdf", root: bench.root) { try await journal.run($0, $1) }
            #expect(await journal.ran.count == 3)
            #expect(try await bench.search("leaf number seven", limit: 30).allSatisfy { $0.text.contains("leaf") })
        }
    }

    @Test func aBlankPageIsEmptyAndALonelyNumberIsKept() async throws {
        try await Bench.with { bench in
            try bench.add("pages.pdf", pdf(["A page with enough text of its own.", "", "17"]))
            let result = try await bench.ingest("pages.pdf")
            #expect(result.pages == 3)
            #expect(result.verdicts["native", default: 0] + result.verdicts["ocr", default: 0] == 2)
            #expect(result.verdicts["empty"] == 1)
            #expect(try await bench.search("17", limit: 10).contains { $0.page == 3 && $0.text == "17" })
        }
    }

    @Test func aDocumentWithoutWritingIsTakenInWithoutChunks() async throws {
        try await Bench.with { bench in
            try bench.add("blank.md", "\n \n")
            let result = try await bench.ingest("blank.md")
            #expect(result.chunks == 0)
            #expect(result.tokens == 0)
            #expect(result.verdicts == ["empty": 1])
            #expect(try await bench.ingest("blank.md").skipped)
        }
    }

    @Test func oddNamesReachNoCommandLine() async throws {
        try await Bench.with { bench in
            for name in ["-opw.pdf", "a b;$(touch pwned)'\".pdf", "ünï/ö.pdf", "x.y.PDF"] {
                if name.contains("/") {
                    try FileManager.default.createDirectory(
                        atPath: bench.root + "/ünï", withIntermediateDirectories: true)
                }
                try bench.add(name, pdf(["A page with enough text of its own."]))
                let result = try await bench.ingest(name)
                #expect(result.path == name)
                #expect(result.chunks == 1)
            }
        }
    }

    @Test(arguments: [
        ("", TextQuality.scarce), ("17", .scarce), ("  \n ", .scarce),
        ("A pack horse carries salt over the moor.", .usable),
        ("Рынок открыт по вторникам и пятницам", .usable), ("市場は火曜日です。塩を売ります。馬が来ます。", .usable),
        ("Salt 14 pence 15 pence | Wool 3.50 | Lead (old) 7.25", .usable),
        ("(cid:12)(cid:87)(cid:3)(cid:44)(cid:12)(cid:87)(cid:3)(cid:44)", .garbled),
        ("\u{E012}\u{E013}\u{E014}\u{E015}\u{E016} some words survive here", .garbled),
        ("\u{FFFD}\u{FFFD}\u{FFFD} the market \u{FFFD}\u{FFFD}\u{FFFD} opens", .garbled),
        ("................................................................ seventeen letters here", .garbled),
    ])
    func textIsJudged(text: String, quality: TextQuality) {
        #expect(TextQuality(of: text) == quality)
    }

    @Test func theSizeOfAPictureIsReadFromItsHeader() {
        // Start of image, a comment of 4 bytes, a fill byte, a progressive frame header of 300 × 200.
        let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xFE, 0, 4, 1, 2, 0xFF, 0xFF, 0xC2, 0, 11, 8, 0, 200, 1, 44, 1]
        #expect(PictureSize(of: Data(jpeg), kind: .jpeg) == PictureSize(width: 300, height: 200))
        #expect(PictureSize(of: Data(jpeg.dropLast(5)), kind: .jpeg) == nil)
        #expect(PictureSize(width: .max, height: 2).pixels == .max)
    }
}
