/// The kind of a document's file, detected from its content and compared with its name.
public enum DocumentKind: String, Codable, Sendable, CaseIterable {
    /// The kinds of files named `.pdf`; `.png`; `.jpg`, `.jpeg`; `.md`, `.markdown`; `.txt`, `.text`.
    case pdf, png, jpeg, markdown, text

    /// For use in a sentence: "a PDF".
    var label: String {
        switch self {
        case .pdf: "a PDF"
        case .png: "a PNG image"
        case .jpeg: "a JPEG image"
        case .markdown: "a Markdown text"
        case .text: "a plain text"
        }
    }

    /// A file that is its own text, on one page.
    var isText: Bool { self == .markdown || self == .text }

    private static let extensions: [String: DocumentKind] = [
        "pdf": .pdf, "png": .png, "jpg": .jpeg, "jpeg": .jpeg, "md": .markdown, "markdown": .markdown, "txt": .text,
        "text": .text,
    ]

    /// The first bytes of known formats, including formats that are not read here: a refusal names them.
    private static let signatures: [(bytes: [UInt8], name: String, kind: DocumentKind?)] = [
        (Array("%PDF-".utf8), "a PDF", .pdf),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "a PNG image", .png),
        ([0xFF, 0xD8, 0xFF], "a JPEG image", .jpeg),
        (Array("GIF8".utf8), "a GIF image", nil),
        ([0x49, 0x49, 0x2A, 0x00], "a TIFF image", nil),
        ([0x4D, 0x4D, 0x00, 0x2A], "a TIFF image", nil),
        ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive (or an office document)", nil),
        ([0x1F, 0x8B], "a gzip file", nil),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old office document", nil),
        ([0x7F, 0x45, 0x4C, 0x46], "a program", nil),
    ]

    /// - Parameter content: the whole file: it is only text if all of it is valid UTF-8 without a NUL.
    static func detect(path: String, content: borrowing RawSpan) throws(IngestionError) -> DocumentKind {
        guard !content.isEmpty else { throw .emptyFile(path: path) }
        let (found, name) = kind(of: content)
        let ending =
            path.split(separator: "/").last?.split(separator: ".").dropFirst().last.map { $0.lowercased() } ?? ""
        guard let promised = extensions[ending] else {
            let told = ending.isEmpty ? "its name has no extension" : "the extension .\(ending) is not known"
            throw .unknownKind(path: path, reason: "\(told), its content is \(name)")
        }
        // Markdown and plain text look alike: for these the name decides.
        guard found == promised || (found == .text && promised == .markdown) else {
            throw .kindMismatch(path: path, promised: promised, found: name)
        }
        return promised
    }

    private static func kind(of content: borrowing RawSpan) -> (kind: DocumentKind?, name: String) {
        content.withUnsafeBytes { bytes in
            if let known = signatures.first(where: { bytes.starts(with: $0.bytes) }) { return (known.kind, known.name) }
            guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
                return (nil, "neither a known format nor UTF-8 text")
            }
            return (.text, "UTF-8 text")
        }
    }
}
