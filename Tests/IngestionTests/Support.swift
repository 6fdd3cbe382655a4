import Documents
import Embedding
import Floor
import Foundation
import Glibc
import Testing

@testable import Ingestion

/// The package's own files.
enum Package {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let samples = root.appendingPathComponent("samples").path
    static let threads = BlockingThreads(name: "ingestion-test", limit: 4)
    static let embedder = Result {
        LocalEmbedder(
            try WordEmbedder(directory: root.appendingPathComponent(".models/wordllama").path), threads: threads)
    }
}

/// A root for documents and a store, in a directory of one test's own.
struct Bench {
    let directory: URL
    let store: DocumentStore
    let embedder: LocalEmbedder

    var root: String { directory.appendingPathComponent("documents").path }
    var storePath: String { directory.appendingPathComponent("store.sqlite").path }

    /// The pipeline; `searchPath` and `limits` as in `Ingestion`.
    func ingestion(limits: IngestionLimits = IngestionLimits(), searchPath: String? = nil) -> Ingestion {
        Ingestion(store: store, embedder: embedder, threads: Package.threads, limits: limits, searchPath: searchPath)
    }

    func ingest(_ path: String, limits: IngestionLimits = IngestionLimits()) async throws -> IngestResult {
        try await ingestion(limits: limits).ingest(path: path, root: root)
    }

    func search(_ text: String, limit: Int = 3) async throws -> [Passage] {
        try await store.search(embedder.embed([text])[0], limit: limit)
    }

    func add(sample: String, as name: String? = nil) throws {
        try FileManager.default.copyItem(atPath: "\(Package.samples)/\(sample)", toPath: "\(root)/\(name ?? sample)")
    }

    func add(_ name: String, _ text: String) throws {
        try add(name, Data(text.utf8))
    }

    func add(_ name: String, _ data: Data) throws {
        try data.write(to: URL(fileURLWithPath: "\(root)/\(name)"))
    }

    static func with<T: Sendable>(_ body: (Bench) async throws -> T) async throws -> T {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ingestion-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("documents"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let embedder = try Package.embedder.get()
        let store = try await DocumentStore(
            path: directory.appendingPathComponent("store.sqlite").path, model: embedder.model,
            dimensions: embedder.dimensions, threads: Package.threads)
        defer { try? store.close() }
        return try await body(Bench(directory: directory, store: store, embedder: embedder))
    }
}

/// A list that tasks add to.
actor Notes<Element: Sendable> {
    private(set) var all: [Element] = []
    func add(_ element: Element) { all.append(element) }
}

/// A PDF with one line of text a page, in bytes. An empty line makes an empty page.
func pdf(_ lines: [String], boxes: String = "/MediaBox [0 0 600 200]") -> Data {
    var objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    var kids: [String] = []
    for line in lines {
        let content = line.isEmpty ? "" : "BT /F 18 Tf 40 100 Td (\(line)) Tj ET"
        objects.append("<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream")
        objects.append(
            "<< /Type /Page /Parent 2 0 R \(boxes) /Contents \(objects.count) 0 R "
                + "/Resources << /Font << /F 3 0 R >> >> >>")
        kids.append("\(objects.count) 0 R")
    }
    objects[1] = "<< /Type /Pages /Count \(kids.count) /Kids [\(kids.joined(separator: " "))] >>"
    var file = "%PDF-1.4\n"
    var starts: [Int] = []
    for (index, object) in objects.enumerated() {
        starts.append(file.utf8.count)
        file += "\(index + 1) 0 obj\n\(object)\nendobj\n"
    }
    let table = file.utf8.count
    file += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
    for start in starts {
        let digits = String(start)
        file += String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
    }
    return Data((file + "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(table)\n%%EOF\n").utf8)
}

/// Whether no process has this id any longer.
func isGone(_ process: pid_t) -> Bool {
    kill(process, 0) == -1 && errno == ESRCH
}
