import Foundation
import Testing

@testable import Ingestion

/// The sample documents through the whole pipeline, with the real programs.
@Suite struct SampleTests {
    @Test func aBornDigitalPDFKeepsItsOwnText() async throws {
        try await Bench.with { bench in
            try bench.add(sample: "field-guide.pdf")
            let notes = Notes<String>()
            let result = try await bench.ingestion().ingest(
                path: "field-guide.pdf", root: bench.root,
                progress: { done, of, note in await notes.add("\(done)/\(of) \(note)") })
            #expect(result.pages == 4)
            #expect(result.pagesByOCR == 0)
            #expect(result.verdicts == ["native": 4])
            #expect(result.chunks >= 4)
            #expect(result.tokens > 700)
            #expect(!result.skipped)
            #expect(result.seconds > 0)
            #expect(await notes.all.first == "0/4 reading")
            #expect(await notes.all.contains("3/4 read"))
            #expect(await notes.all.last == "4/4 embedding")

            let document = try #require(try await bench.store.documents().first)
            #expect(document.title == "A Field Guide to the Pack Horse Roads")
            #expect(document.id == result.documentId)
            #expect(document.state == .complete)

            let found = try #require(try await bench.search("how many kilograms are a full load on one horse").first)
            #expect(found.page == 2)
            #expect(found.text.contains("114 kilograms"))
        }
    }

    @Test func aScanIsReadByOCRAndFoundByItsMeaning() async throws {
        try await Bench.with { bench in
            for sample in ["field-guide.pdf", "scanned-letter.pdf", "notes.md", "receipt-photo.png"] {
                try bench.add(sample: sample)
                _ = try await bench.ingest(sample)
            }
            let result = try #require(try await bench.store.document(path: "scanned-letter.pdf"))
            #expect(result.pages == 2)
            #expect(result.verdicts == ["ocr": 2])
            #expect(result.title == "scanned-letter.pdf")

            // Among the chunks of all four samples.
            let found = try #require(try await bench.search("how many bells does the lead mare wear").first)
            #expect(found.path == "scanned-letter.pdf")
            #expect(found.page == 2)
            #expect(found.text.contains("She wears nine bells on her collar"))
            #expect(found.score > 0.3)
        }
    }

    @Test func markdownKeepsItsHeadings() async throws {
        try await Bench.with { bench in
            try bench.add(sample: "notes.md")
            let result = try await bench.ingest("notes.md")
            #expect(result.verdicts == ["native": 1])
            #expect(try await bench.store.document(path: "notes.md")?.title == "Notes of a train master")

            let found = try #require(try await bench.search("what keeps salt dry in a basket").first)
            #expect(found.headings == ["Notes of a train master", "Salt", "Keeping it dry"])
            #expect(found.text.contains("rye straw"))
            let text = try String(contentsOfFile: "\(Package.samples)/notes.md", encoding: .utf8)
            #expect(String(scalars: Array(text.unicodeScalars)[found.start..<found.end]) == found.text)
        }
    }

    @Test func aPhotographIsReadWithItsColumns() async throws {
        try await Bench.with { bench in
            try bench.add(sample: "receipt-photo.png")
            let result = try await bench.ingest("receipt-photo.png")
            #expect(result.pages == 1)
            #expect(result.pagesByOCR == 1)
            let text = try await bench.search("supper at the inn").map(\.text).joined()
            for words in ["THE WOOLPACK INN", "supper 5 drovers", "6.25", "TOTAL", "15.60"] {
                #expect(text.contains(words), "\(words) not in \(text)")
            }
        }
    }

    /// The second page of the scanned letter, taken out of its PDF: there it is a JPEG as it stands.
    @Test func aJPEGIsReadLikeAnyPicture() async throws {
        try await Bench.with { bench in
            let scan = try Data(contentsOf: URL(fileURLWithPath: "\(Package.samples)/scanned-letter.pdf"))
            let start = try #require(scan.range(of: Data([0xFF, 0xD8, 0xFF]), options: .backwards)).lowerBound
            let end = try #require(scan.range(of: Data("\nendstream".utf8), in: start..<scan.endIndex)).lowerBound
            try bench.add("page.jpg", Data(scan[start..<end]))
            #expect(PictureSize(of: Data(scan[start..<end]), kind: .jpeg) == PictureSize(width: 1240, height: 1754))
            #expect(try await bench.ingest("page.jpg").verdicts == ["ocr": 1])
            #expect(try await bench.search("lead mare bells").first?.text.contains("nine bells on her collar") == true)
        }
    }

    @Test func aTextFileWithAMarkAndOtherScripts() async throws {
        try await Bench.with { bench in
            try bench.add("market.txt", "\u{FEFF}Рынок открыт по вторникам. 市場は火曜日です。塩を売ります。")
            let result = try await bench.ingest("market.txt")
            #expect(result.chunks == 1)
            let found = try #require(try await bench.search("рынок").first)
            #expect(found.text.hasPrefix("Рынок"))
            #expect(found.start == 0)
        }
    }
}
