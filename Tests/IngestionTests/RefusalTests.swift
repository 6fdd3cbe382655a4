import Foundation
import Testing

@testable import Ingestion

/// Each refusal by its name, and nothing left in the store.
@Suite struct RefusalTests {
    private func refusal(
        of path: String, in bench: Bench, limits: IngestionLimits = IngestionLimits()
    ) async throws -> IngestionError {
        let error = await #expect(throws: IngestionError.self) { try await bench.ingest(path, limits: limits) }
        #expect(try await bench.store.documents().isEmpty)
        return try #require(error)
    }

    @Test func pathsOutsideTheRoot() async throws {
        try await Bench.with { bench in
            let outside = bench.directory.appendingPathComponent("secret.txt").path
            let sibling = bench.root + "-not"
            try Data("secret".utf8).write(to: URL(fileURLWithPath: outside))
            try FileManager.default.createDirectory(atPath: sibling, withIntermediateDirectories: true)
            try Data("secret".utf8).write(to: URL(fileURLWithPath: sibling + "/secret.txt"))
            try FileManager.default.createSymbolicLink(atPath: bench.root + "/link.txt", withDestinationPath: outside)
            try FileManager.default.createSymbolicLink(atPath: bench.root + "/up", withDestinationPath: "..")

            for path in [
                "../secret.txt", outside, "link.txt", "up/secret.txt", sibling + "/secret.txt", "/etc/passwd",
                "../documents-not/secret.txt", "../nothing-here.txt",
            ] {
                let error = try await refusal(of: path, in: bench)
                #expect(error == .outsideRoot(path: path, root: bench.root))
                #expect(!error.isRetryable)
            }
        }
    }

    @Test func pathsThatLeadBackInsideAreFine() async throws {
        try await Bench.with { bench in
            try bench.add("market.txt", "The market opens on Tuesday.")
            try FileManager.default.createSymbolicLink(
                atPath: bench.root + "/alias.txt", withDestinationPath: "market.txt")
            let byName = try await bench.ingest("../documents/market.txt")
            let byLink = try await bench.ingest("alias.txt")
            let absolute = try await bench.ingest(bench.root + "/market.txt")
            #expect(byName.path == "market.txt")
            #expect(!byName.skipped)
            #expect(byLink.documentId == byName.documentId)
            #expect(byLink.skipped)
            #expect(absolute.documentId == byName.documentId)
            #expect(absolute.skipped)
        }
    }

    @Test func pathsThatAreNotFilesAreRefused() async throws {
        try await Bench.with { bench in
            try FileManager.default.createDirectory(
                atPath: bench.root + "/folder.pdf", withIntermediateDirectories: true)
            #expect(mkfifo(bench.root + "/pipe.txt", 0o600) == 0)
            #expect(try await refusal(of: "folder.pdf", in: bench) == .notAFile(path: "folder.pdf"))
            #expect(try await refusal(of: "pipe.txt", in: bench) == .notAFile(path: "pipe.txt"))
            #expect(try await refusal(of: "gone.pdf", in: bench) == .notFound(path: "gone.pdf"))
            #expect(try await refusal(of: "nul\0.pdf", in: bench) == .notFound(path: "nul\0.pdf"))
        }
    }

    @Test func anEmptyFile() async throws {
        try await Bench.with { bench in
            try bench.add("empty.pdf", Data())
            #expect(try await refusal(of: "empty.pdf", in: bench) == .emptyFile(path: "empty.pdf"))
        }
    }

    @Test func filesWhoseContentDoesNotMatchTheirNamesAreRefused() async throws {
        try await Bench.with { bench in
            try bench.add(sample: "receipt-photo.png", as: "receipt.pdf")
            try bench.add(sample: "field-guide.pdf", as: "guide.md")
            try bench.add("words.png", "only words")
            try bench.add("bytes.txt", Data([0x41, 0xFF, 0xFE, 0x00]))
            try bench.add("archive.pdf", Data([0x50, 0x4B, 0x03, 0x04, 0x00]))
            // A picture first and a PDF behind it: what comes first decides, for every program alike.
            try bench.add("both.pdf", Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) + pdf(["hello"]))
            for (name, promised, found) in [
                ("receipt.pdf", DocumentKind.pdf, "a PNG image"), ("guide.md", .markdown, "a PDF"),
                ("words.png", .png, "UTF-8 text"), ("bytes.txt", .text, "neither a known format nor UTF-8 text"),
                ("archive.pdf", .pdf, "a ZIP archive (or an office document)"), ("both.pdf", .pdf, "a PNG image"),
            ] {
                let error = try await refusal(of: name, in: bench)
                #expect(error == .kindMismatch(path: name, promised: promised, found: found))
            }
        }
    }

    @Test func kindsThatAreNotRead() async throws {
        try await Bench.with { bench in
            try bench.add("table.xlsx", Data([0x50, 0x4B, 0x03, 0x04, 0x00]))
            try bench.add("README", "words")
            let office = try await refusal(of: "table.xlsx", in: bench)
            #expect(office.description.contains("the extension .xlsx is not known"))
            #expect(try await refusal(of: "README", in: bench).description.contains("its name has no extension"))
        }
    }

    @Test func damagedPDFs() async throws {
        try await Bench.with { bench in
            try bench.add("broken.pdf", "%PDF-1.4\nthis is not one")
            let whole = pdf(["hello"])
            try bench.add("cut.pdf", whole.prefix(60))
            for name in ["broken.pdf", "cut.pdf"] {
                guard case .damaged(name, let reason) = try await refusal(of: name, in: bench) else {
                    Issue.record("\(name) was not found damaged")
                    continue
                }
                #expect(!reason.isEmpty)
                #expect(!reason.contains("\n"))
            }
        }
    }

    /// Its check values fit no password, the empty one included: it opens for nobody.
    @Test func aPDFWithAPassword() async throws {
        try await Bench.with { bench in
            let key = String(repeating: "5a", count: 32)
            let lock = "/Encrypt << /Filter /Standard /V 1 /R 2 /O <\(key)> /U <\(key)> /P -44 >> /ID [<00> <00>]"
            let open = String(decoding: pdf(["hello"]), as: UTF8.self)
            try bench.add("locked.pdf", open.replacing("/Root 1 0 R", with: "/Root 1 0 R \(lock)"))
            #expect(try await refusal(of: "locked.pdf", in: bench) == .encrypted(path: "locked.pdf"))
        }
    }

    @Test func damagedPictures() async throws {
        try await Bench.with { bench in
            try bench.add("cut.png", Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00]))
            try bench.add("cut.jpg", Data([0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF]))
            for name in ["cut.png", "cut.jpg"] {
                let error = try await refusal(of: name, in: bench)
                #expect(error == .damaged(path: name, reason: "its header has no valid size"))
            }
            // A sound header with nothing behind it: tesseract finds out.
            let whole = try Data(contentsOf: URL(fileURLWithPath: "\(Package.samples)/receipt-photo.png"))
            try bench.add("header.png", whole.prefix(60))
            guard case .unreadable("header.png", _) = try await refusal(of: "header.png", in: bench) else {
                Issue.record("a picture without content was read")
                return
            }
        }
    }

    @Test func moreThanTheLimits() async throws {
        try await Bench.with { bench in
            var limits = IngestionLimits()
            limits.bytes = 5_000
            limits.pages = 2
            limits.pixels = 1_000_000
            limits.characters = 1_000
            try bench.add("long.txt", String(repeating: "é", count: 1_001))
            try bench.add("three.pdf", pdf(["one", "two", "three"]))
            try bench.add("big.txt", String(repeating: "a", count: 5_001))
            // The header of a picture of 100,000 × 100,000 points: 30 bytes that would decode to 10 GB.
            var bomb: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
            bomb += Array("IHDR".utf8) + [0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA0, 8, 0, 0, 0, 0]
            try bench.add("bomb.png", Data(bomb))
            for (name, what, found, limit) in [
                ("long.txt", "characters", 1_001, 1_000), ("three.pdf", "pages", 3, 2),
                ("big.txt", "bytes", 5_001, 5_000),
                ("bomb.png", "pixels", 10_000_000_000, 1_000_000),
            ] {
                let error = try await refusal(of: name, in: bench, limits: limits)
                #expect(error == .tooLarge(path: name, what: what, found: found, limit: limit))
            }
        }
    }

    /// What is drawn is what was measured: the part of a page that is shown, not the sheet that it is cut from.
    @Test func aPageIsDrawnWithinTheLimitOfPixels() async throws {
        try await Bench.with { bench in
            try bench.add("cut.pdf", pdf([""], boxes: "/MediaBox [0 0 2000 2000] /CropBox [500 500 600 600]"))
            var limits = IngestionLimits()
            limits.pixels = 200_000
            let target = bench.directory.appendingPathComponent("page").path
            let resolution = try await PDFReader(tools: Toolbox(), limits: limits)
                .draw(page: 1, of: bench.root + "/cut.pdf", to: target, name: "cut.pdf")
            #expect(resolution == 300)
            // The header of a portable grey map: P5, width, height, the value of white.
            let picture = try Data(contentsOf: URL(fileURLWithPath: target + ".pgm"))
            #expect(String(decoding: picture.prefix(11), as: UTF8.self) == "P5\n417 417\n")
        }
    }

    /// A table of 20,000,000 objects, in a file of less than a thousand bytes.
    @Test func aPDFThatNeedsMoreMemoryThanTheLimit() async throws {
        try await Bench.with { bench in
            let end = "trailer\n<< /Size 6"
            let plain = String(decoding: pdf(["hello"]), as: UTF8.self)
            try #require(plain.contains(end))
            let table = "20000000 1\n0000000009 00000 n \ntrailer\n<< /Size 20000001"
            try bench.add("table.pdf", plain.replacing(end, with: table))
            var limits = IngestionLimits()
            limits.memory = 200 << 20
            let error = try await refusal(of: "table.pdf", in: bench, limits: limits)
            #expect(error == .toolOutOfMemory(program: "pdfinfo", limit: 200 << 20))
        }
    }

    @Test func everyErrorSaysWhatItIsAbout() {
        let errors: [IngestionError] = [
            .notFound(path: "p"), .outsideRoot(path: "p", root: "r"), .notAFile(path: "p"), .emptyFile(path: "p"),
            .unknownKind(path: "p", reason: "r"), .kindMismatch(path: "p", promised: .pdf, found: "f"),
            .tooLarge(path: "p", what: "pages", found: 2, limit: 1), .encrypted(path: "p"),
            .damaged(path: "p", reason: "r"),
            .unreadable(path: "p", reason: "r"), .toolOutOfMemory(program: "p", limit: 1),
        ]
        for error in errors {
            #expect(error.description.contains("p"))
            #expect(!error.isRetryable)
        }
        for error: IngestionError in [
            .toolKilled(program: "t", signal: 9), .toolTimedOut(program: "t", seconds: 1), .machine(reason: "r"),
            .store(reason: "r", busy: true),
        ] {
            #expect(error.isRetryable)
        }
    }
}
