public import Floor
internal import Foundation

/// Ingests documents: text or OCR page by page → chunks → vectors → the store.
public struct Ingestion: Sendable {
    /// Runs a part of the work whose result is worth storing: on a second attempt it may return what the first attempt
    /// returned under this name, without running the part. A step that can't store a result, for example because it has
    /// too much text, still returns it.
    public typealias Step =
        @Sendable (
            _ name: String, _ part: @escaping @Sendable () async throws -> [PageText]
        ) async throws -> [PageText]

    /// Receives the progress: the pages done, the pages in total, and the current activity.
    public typealias Progress = @Sendable (_ done: Int, _ of: Int, _ note: String) async -> Void

    private let store: any DocumentStoring
    private let embedder: any Embedder
    private let threads: BlockingThreads
    private let directories: TempDirectories
    private let limits: IngestionLimits
    private let tools: Toolbox
    private let chunker = Chunker()

    /// How many pages one step reads: the maximum that an interrupted attempt must repeat.
    private static let pagesAStep = 8

    /// How many texts the embedder gets at once.
    private static let textsABatch = 128

    /// - Parameters:
    ///   - store: contains vectors of the embedder's model.
    ///   - threads: for files, and for cutting texts.
    ///   - searchPath: where to look for the programs that read documents, as in `PATH`; nil for the `PATH` of this
    ///     process.
    public init(
        store: any DocumentStoring, embedder: any Embedder, threads: BlockingThreads,
        limits: IngestionLimits = IngestionLimits(), searchPath: String? = nil
    ) {
        self.store = store
        self.embedder = embedder
        self.threads = threads
        self.limits = limits
        directories = TempDirectories(prefix: "packhorse-documents", threads: threads)
        tools = Toolbox(searchPath: searchPath, memory: limits.memory)
    }

    /// Ingests one document. Another call for the same file costs a hash and no write. For a changed file, the new text
    /// replaces the old one, which answers searches until then.
    ///
    /// - Parameters:
    ///   - path: the path of the document, absolute or relative to the root.
    ///   - root: the only directory in which documents may be, after all links are followed.
    ///   - step: see `Step`; by default it runs each part.
    ///   - progress: see `Progress`.
    /// - Throws: `IngestionError`; `CancellationError` if the task was cancelled, after every child process has ended;
    ///   what `step` throws.
    public func ingest(
        path: String, root: String, step: Step = { _, part in try await part() },
        progress: @escaping Progress = { _, _, _ in }
    ) async throws -> IngestResult {
        let start = ContinuousClock.now
        let limits = limits
        let source = try await threads.run { try SourceFile(path: path, root: root, limits: limits) }

        return try await Workspace.with(in: directories) { workspace in
            let copy = try await threads.run { try source.copy(to: workspace.document, limits: limits) }
            if let known = try await store.document(path: source.name), isCurrent(known, sha256: copy.sha256) {
                return IngestResult(known, skipped: true, seconds: Self.seconds(since: start))
            }
            let reader = DocumentReader(tools: tools, limits: limits, threads: threads)
            let document = try await reader.open(copy, in: workspace, name: source.name)
            let pages = try await read(
                document, with: reader, in: workspace, of: source, sha256: copy.sha256, step: step, progress: progress)
            try check(pages, name: source.name)

            try Task.checkCancellation()
            await progress(pages.count, pages.count, "embedding")
            let (chunks, tokens) = try await embed(pages, isMarkdown: document.kind == .markdown)
            try Task.checkCancellation()
            let stored = try await store.replace(
                DocumentReplacement(
                    path: source.name, sha256: copy.sha256,
                    title: Self.title(of: document, firstChunk: chunks.first?.chunk, name: source.name),
                    pages: pages.count, verdicts: Self.count(pages.map(\.verdict)),
                    failures: Self.failures(among: pages), tokens: tokens, recipe: recipe),
                with: chunks, now: Date())
            return IngestResult(stored, skipped: false, seconds: Self.seconds(since: start))
        }
    }

    /// Reads all pages, one step at a time.
    private func read(
        _ document: DocumentReader.Opened, with reader: DocumentReader, in workspace: Workspace, of source: SourceFile,
        sha256: String, step: Step, progress: @escaping Progress
    ) async throws -> [PageText] {
        let total = document.pages
        await progress(0, total, "reading")
        @Sendable func read(_ range: ClosedRange<Int>) async throws -> [PageText] {
            try await reader.read(range, of: document, in: workspace, name: source.name) { page in
                await progress(page.number, total, page.verdict == .ocr ? "read by OCR" : "read")
            }
        }
        var pages: [PageText] = []
        for first in stride(from: 1, through: total, by: Self.pagesAStep) {
            try Task.checkCancellation()
            let range = first...min(first + Self.pagesAStep - 1, total)
            if document.kind.isText {
                // It may have 64 MiB, and reading it again costs almost nothing.
                pages += try await read(range)
            } else {
                // The hash is part of the name: another file at the same path must not get these pages.
                let name = "read pages \(range.lowerBound)-\(range.upperBound) of \(sha256.prefix(16))"
                pages += try await step(name) { try await read(range) }
            }
            await progress(range.upperBound, total, "read")
        }
        return pages
    }

    private func check(_ pages: [PageText], name: String) throws(IngestionError) {
        if let failed = pages.first(where: { $0.verdict == .failed }), pages.allSatisfy({ $0.verdict == .failed }) {
            throw .unreadable(path: name, reason: failed.reason ?? "no reason is known")
        }
        let characters = pages.reduce(0) { $0 + $1.text.unicodeScalars.count }
        guard characters <= limits.characters else {
            throw .tooLarge(path: name, what: "characters", found: characters, limit: limits.characters)
        }
    }

    private func embed(
        _ pages: [PageText], isMarkdown: Bool
    ) async throws -> (chunks: [EmbeddedChunk], tokens: Int) {
        let (chunker, embedder) = (chunker, embedder)
        let (chunks, tokens) = try await threads.run {
            let chunks = pages.flatMap { page in
                chunker.chunks(of: page, isMarkdown: isMarkdown) { embedder.tokenCount($0) }
            }
            return (chunks, chunks.reduce(0) { $0 + embedder.tokenCount($1.textWithHeadings) })
        }
        var embedded: [EmbeddedChunk] = []
        for start in stride(from: 0, to: chunks.count, by: Self.textsABatch) {
            try Task.checkCancellation()
            let batch = chunks[start..<min(start + Self.textsABatch, chunks.count)]
            let vectors = try await embedder.embed(batch.map(\.textWithHeadings))
            guard vectors.count == batch.count else {
                throw IngestionError.embedder(reason: "\(vectors.count) vectors for \(batch.count) texts")
            }
            embedded += zip(batch, vectors).map { EmbeddedChunk(chunk: $0, vector: $1) }
        }
        return (embedded, tokens)
    }

    /// Whether the store has this file as this code would make it, without a missing page.
    private func isCurrent(_ known: StoredDocument, sha256: String) -> Bool {
        known.sha256 == sha256 && known.recipe == recipe && known.state == .complete
    }

    /// Changes with everything that affects what is stored for the same file. Increase the number when the code does.
    private var recipe: String { "1 \(chunker.target)/\(chunker.overlap) \(embedder.model)" }

    private static func title(of document: DocumentReader.Opened, firstChunk: Chunk?, name: String) -> String {
        let heading = firstChunk?.headings.first.flatMap { $0.isEmpty ? nil : $0 }
        return document.title ?? heading ?? name.split(separator: "/").last.map(String.init) ?? name
    }

    private static func count(_ verdicts: [PageVerdict]) -> [String: Int] {
        verdicts.reduce(into: [:]) { $0[$1.rawValue, default: 0] += 1 }
    }

    private static func failures(among pages: [PageText]) -> [PageFailure] {
        pages.filter { $0.verdict == .failed }.map { PageFailure(page: $0.number, reason: $0.reason ?? "") }
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        start.duration(to: .now) / .seconds(1)
    }
}
