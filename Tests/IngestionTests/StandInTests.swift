import Foundation
import Synchronization
import Testing

@testable import Ingestion

/// Ingestion with another store and another embedder than its own.
@Suite struct StandInTests {
    private func ingest(
        _ text: String, into store: InMemoryStore, by embedder: StubEmbedder
    ) async throws -> IngestResult {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("stand-in-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        try Data(text.utf8).write(to: root.appendingPathComponent("notes.md"))
        return try await Ingestion(store: store, embedder: embedder, threads: Package.threads)
            .ingest(path: "notes.md", root: root.path)
    }

    @Test func aDocumentGoesToAnyStoreThroughAnyEmbedder() async throws {
        let (store, embedder) = (InMemoryStore(), StubEmbedder())
        let text = "# Roads\n\nThe road is long.\n\n# Salt\n\nSalt is dear.\n"
        let result = try await ingest(text, into: store, by: embedder)
        #expect(result.chunks == 2)
        let chunks = await store.chunks["notes.md"] ?? []
        #expect(chunks.map(\.chunk.headings) == [["Roads"], ["Salt"]])
        let texts = chunks.map(\.chunk.textWithHeadings)
        #expect(chunks.map(\.vector) == texts.map(StubEmbedder.vector(of:)))
        #expect(result.tokens == texts.map(embedder.tokenCount).reduce(0, +))
        #expect(await store.documents["notes.md"]?.recipe.hasSuffix("stub/1") == true)

        // Known to that store, it is not done again.
        #expect(try await ingest(text, into: store, by: embedder).skipped)
        #expect(embedder.batches == [2])
    }

    @Test func textsAreEmbeddedInBatches() async throws {
        let (store, embedder) = (InMemoryStore(), StubEmbedder())
        let text = (1...300).map { "# Part \($0)\n\nIts words.\n" }.joined(separator: "\n")
        #expect(try await ingest(text, into: store, by: embedder).chunks == 300)
        #expect(embedder.batches == [128, 128, 44])
        #expect(await store.chunks["notes.md"]?.map(\.chunk.headings) == (1...300).map { ["Part \($0)"] })
    }

    @Test func anEmbedderThatLosesATextIsAtFault() async throws {
        let (store, embedder) = (InMemoryStore(), StubEmbedder(loses: 1))
        await #expect(throws: IngestionError.embedder(reason: "1 vectors for 2 texts")) {
            try await ingest("# One\n\nA word.\n\n# Two\n\nA word.\n", into: store, by: embedder)
        }
        #expect(await store.documents.isEmpty)
    }
}

/// Keeps documents for as long as it lives; its search knows no vectors.
private actor InMemoryStore: DocumentStoring {
    private(set) var documents: [String: StoredDocument] = [:]
    private(set) var chunks: [String: [EmbeddedChunk]] = [:]

    func document(path: String) -> StoredDocument? { documents[path] }

    @discardableResult
    func replace(_ document: DocumentReplacement, with chunks: [EmbeddedChunk], now: Date) -> StoredDocument {
        let time = now.ISO8601Format()
        let before = documents[document.path]
        let after = StoredDocument(
            id: StableID.uuid(of: "document", document.path), path: document.path, sha256: document.sha256,
            title: document.title, pages: document.pages, verdicts: document.verdicts, failures: document.failures,
            chunks: chunks.count, tokens: document.tokens, generation: (before?.generation ?? 0) + 1,
            state: document.failures.isEmpty ? .complete : .partial, recipe: document.recipe,
            createdAt: before?.createdAt ?? time, updatedAt: time)
        documents[document.path] = after
        self.chunks[document.path] = chunks
        return after
    }

    func search(_ vector: [Float], limit: Int) -> [Passage] { [] }
}

/// A word is a token, and a vector tells the parity of a text's bytes.
private final class StubEmbedder: Embedder {
    let model = "stub/1"
    let dimensions = 2
    private let loses: Int
    private let seen = Mutex<[Int]>([])

    init(loses: Int = 0) { self.loses = loses }

    /// How many texts came at once, call by call.
    var batches: [Int] { seen.withLock { $0 } }

    static func vector(of text: String) -> [Float] { text.utf8.count % 2 == 0 ? [1, 0] : [0, 1] }

    func tokenCount(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

    func embed(_ texts: [String]) async throws -> [[Float]] {
        seen.withLock { $0.append(texts.count) }
        return texts.dropLast(loses).map(Self.vector(of:))
    }
}
