internal import Floor
internal import Foundation

/// Turns a document of any kind into the texts of its pages.
struct DocumentReader: Sendable {
    let tools: Toolbox
    let limits: IngestionLimits
    let threads: BlockingThreads

    /// A document that was opened and checked; none of its pages has been read yet.
    struct Opened: Sendable {
        var kind: DocumentKind
        var pages: Int
        var title: String?
    }

    func open(_ source: SourceFile.Copy, in workspace: Workspace, name: String) async throws -> Opened {
        switch source.kind {
        case .pdf:
            let summary = try await PDFReader(tools: tools, limits: limits)
                .summary(of: workspace.document, name: name)
            return Opened(kind: .pdf, pages: summary.pages, title: summary.title)
        case .png, .jpeg:
            guard let size = PictureSize(of: source.content, kind: source.kind) else {
                throw IngestionError.damaged(path: name, reason: "its header has no valid size")
            }
            guard size.pixels <= limits.pixels else {
                throw IngestionError.tooLarge(path: name, what: "pixels", found: size.pixels, limit: limits.pixels)
            }
            return Opened(kind: source.kind, pages: 1)
        case .markdown, .text:
            let characters = source.content.withUnsafeBytes { $0.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }
            guard characters <= limits.characters else {
                throw IngestionError.tooLarge(
                    path: name, what: "characters", found: characters, limit: limits.characters)
            }
            return Opened(kind: source.kind, pages: 1)
        }
    }

    /// Reads these pages, in order. A page that can't be read gets the verdict `failed`, so that the others are not
    /// lost with it. What affects every page (a program that is missing or was killed) is thrown.
    ///
    /// - Parameter read: called after each page.
    func read(
        _ pages: ClosedRange<Int>, of document: Opened, in workspace: Workspace, name: String,
        read: (PageText) async -> Void
    ) async throws -> [PageText] {
        var result: [PageText] = []
        switch document.kind {
        case .pdf:
            let layer = try await PDFReader(tools: tools, limits: limits)
                .texts(of: workspace.document, pages: pages, name: name)
            for (number, text) in zip(pages, layer) {
                try Task.checkCancellation()
                result.append(try await page(number, withLayer: text, in: workspace, name: name))
                await read(result[result.count - 1])
            }
        case .png, .jpeg:
            result.append(try await picture(in: workspace))
            await read(result[0])
        case .markdown, .text:
            let file = workspace.document
            let text = try await threads.run { try Data(contentsOf: URL(fileURLWithPath: file)) }
            let plain = Self.withoutMark(String(decoding: text, as: UTF8.self))
            let isBlank = plain.allSatisfy(\.isWhitespace)
            result.append(PageText(number: 1, text: plain, verdict: isBlank ? .empty : .native))
            await read(result[0])
        }
        return result
    }

    private func page(
        _ number: Int, withLayer layer: String, in workspace: Workspace, name: String
    ) async throws -> PageText {
        let text = layer.trimmingCharacters(in: .whitespacesAndNewlines)
        let quality = TextQuality(of: text)
        if quality == .usable { return PageText(number: number, text: text, verdict: .native) }

        let seen = try await Self.unlessTheseFail {
            let pdf = PDFReader(tools: tools, limits: limits)
            let target = "\(workspace.directory)/page"
            let resolution = try await pdf.draw(page: number, of: workspace.document, to: target, name: name)
            defer { try? FileManager.default.removeItem(atPath: target + ".pgm") }
            return try await OCRReader(tools: tools, limits: limits)
                .read(target + ".pgm", on: .page(resolution: resolution))
        }
        switch seen {
        case .failure(let error):
            return PageText(number: number, text: "", verdict: .failed, reason: Self.short(error))
        case .success(let seen) where quality == .scarce && seen.count < text.count:
            // OCR found less than the few characters of the page's own text.
            return PageText(number: number, text: text, verdict: .native)
        case .success(let seen):
            let reason = quality == .garbled ? "its own text layer is garbled" : nil
            return PageText(number: number, text: seen, verdict: seen.isEmpty ? .empty : .ocr, reason: reason)
        }
    }

    private func picture(in workspace: Workspace) async throws -> PageText {
        let seen = try await Self.unlessTheseFail {
            try await OCRReader(tools: tools, limits: limits).read(workspace.document, on: .photograph)
        }
        switch seen {
        case .failure(let error): return PageText(number: 1, text: "", verdict: .failed, reason: Self.short(error))
        case .success(let text): return PageText(number: 1, text: text, verdict: text.isEmpty ? .empty : .ocr)
        }
    }

    /// Errors of a single page are a result; all others are thrown.
    private static func unlessTheseFail(_ work: () async throws -> String) async throws -> Result<
        String, IngestionError
    > {
        do {
            return .success(try await work())
        } catch let error as IngestionError {
            switch error {
            case .toolFailed, .toolTimedOut, .toolOutputTooLarge, .toolOutOfMemory, .damaged, .tooLarge:
                return .failure(error)
            default: throw error
            }
        }
    }

    /// There may be thousands of them to store, so only the beginning is kept.
    private static func short(_ error: IngestionError) -> String {
        String(error.description.prefix(300))
    }

    private static func withoutMark(_ text: String) -> String {
        text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    }
}
