internal import Foundation

/// Reads a PDF page by page with the programs of poppler.
struct PDFReader: Sendable {
    let tools: Toolbox
    let limits: IngestionLimits

    struct Summary: Sendable, Equatable {
        var pages: Int
        /// As its author entered it; nil if there is none.
        var title: String?
    }

    /// Opens the document.
    /// - Parameter name: the name of the document in errors.
    func summary(of file: String, name: String) async throws -> Summary {
        let lines: [String: String]
        do {
            lines = Self.fields(try await tools.run(.pdfinfo, ["-enc", "UTF-8", file], limit: limits.readingTime))
        } catch IngestionError.toolFailed(_, _, let message) {
            if message.contains("Incorrect password") { throw IngestionError.encrypted(path: name) }
            throw IngestionError.damaged(path: name, reason: Self.plain(message))
        }
        guard let pages = lines["Pages"].flatMap(Int.init), pages > 0 else {
            throw IngestionError.damaged(path: name, reason: "it has no pages")
        }
        guard pages <= limits.pages else {
            throw IngestionError.tooLarge(path: name, what: "pages", found: pages, limit: limits.pages)
        }
        return Summary(pages: pages, title: lines["Title"].flatMap { $0.isEmpty ? nil : $0 })
    }

    /// The text layer of these pages, one text per page; empty for a page without one.
    func texts(of file: String, pages: ClosedRange<Int>, name: String) async throws -> [String] {
        let output: [UInt8]
        do {
            output = try await tools.run(
                .pdftotext, ["-enc", "UTF-8", "-f", "\(pages.lowerBound)", "-l", "\(pages.upperBound)", file, "-"],
                limit: limits.readingTime, mostOutput: limits.characters)
        } catch IngestionError.toolFailed(_, _, let message) {
            throw IngestionError.damaged(path: name, reason: Self.plain(message))
        }
        // Each page ends with a form feed, the last one too.
        var texts = String(decoding: output, as: UTF8.self)
            .split(separator: "\u{0C}", omittingEmptySubsequences: false).dropLast().map(String.init)
        guard texts.count <= pages.count else {
            throw IngestionError.damaged(path: name, reason: "a text layer with form feeds inside a page")
        }
        texts.append(contentsOf: Array(repeating: "", count: pages.count - texts.count))
        return texts
    }

    /// Renders one page in grey, at 300 dots per inch or, if that exceeds the limit of pixels, as finely as the limit
    /// allows.
    /// - Returns: the resolution in dots per inch; the picture is `target` + ".pgm".
    func draw(page: Int, of file: String, to target: String, name: String) async throws -> Int {
        let range = ["-f", "\(page)", "-l", "\(page)"]
        let fields = Self.fields(try await tools.run(.pdfinfo, range + [file], limit: limits.readingTime))
        let sizes =
            fields.first { $0.key.hasPrefix("Page") && $0.key.hasSuffix("size") }?.value
            .split(separator: " ").compactMap { Double($0) } ?? []
        guard sizes.count == 2, sizes.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw IngestionError.damaged(path: name, reason: "page \(page) has no size")
        }
        // Sizes are in points, 1/72 inch, of the part that is shown, so the picture must be of that part too.
        let finest = (Double(limits.pixels) / (sizes[0] * sizes[1])).squareRoot() * 72
        let resolution = Int(min(300, finest))
        guard resolution >= Self.coarsest else {
            let pixels = Int(min(sizes[0] * sizes[1] / 72 / 72 * Double(Self.coarsest * Self.coarsest), 1e15))
            throw IngestionError.tooLarge(
                path: name, what: "pixels on page \(page)", found: pixels, limit: limits.pixels)
        }
        _ = try await tools.run(
            .pdftoppm, ["-cropbox", "-gray", "-r", "\(resolution)", "-singlefile"] + range + [file, target],
            limit: limits.readingTime)
        return resolution
    }

    /// The resolution in dots per inch below which OCR makes too many mistakes.
    private static let coarsest = 70

    /// The lines `Key:   value` of pdfinfo, with the blanks inside a key reduced to one.
    private static func fields(_ output: [UInt8]) -> [String: String] {
        var fields: [String: String] = [:]
        for line in String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let key = parts[0].split(separator: " ").joined(separator: " ")
            fields[key] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return fields
    }

    /// The first error message of a program, on one line.
    private static func plain(_ message: String) -> String {
        message.split(whereSeparator: \.isNewline).first.map(String.init) ?? "it cannot be opened"
    }
}
