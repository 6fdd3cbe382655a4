internal import Embedding
internal import Floor
internal import Foundation
internal import Ingestion
internal import Synchronization
public import Worker

/// The document jobs of a worker process: they share one store and one embedder, which the first job opens.
public actor DocumentJobs {
    private let modelDirectory: String
    private let storePath: String
    private let root: String
    private var opened: Task<Library, any Error>?
    /// Shared by all document jobs of the process.
    private let threads = BlockingThreads(name: "documents", limit: ProcessInfo.processInfo.activeProcessorCount)

    private struct Library: Sendable {
        let store: any DocumentStoring
        let embedder: any Embedder
        let ingestion: Ingestion
    }

    /// - Parameters:
    ///   - models: where `make setup` stored the embedding model.
    ///   - store: the SQLite file; it is created if it is missing.
    ///   - root: the only directory in which documents may be.
    public init(models: String, store: String, root: String) {
        modelDirectory = models + "/wordllama"
        storePath = store
        self.root = root
    }

    /// The handlers that a worker registers.
    public nonisolated var handlers: [Handler] {
        [
            Handler(DocumentIngest.self, retry: .exponential(limit: 10)) { [self] request, context in
                try await ingest(request, context)
            },
            Handler(DocumentSearch.self, retry: .exponential(limit: 3, base: .seconds(1))) { [self] request, _ in
                try await search(request)
            },
        ]
    }

    private nonisolated func ingest(_ request: DocumentIngest, _ context: JobContext) async throws -> IngestResult {
        try await discarding {
            let library = try await library()
            return try await library.ingestion.ingest(
                path: request.path, root: root, step: { name, part in try await keep(name, of: context, part) },
                progress: { done, total, note in context.progress(done, of: total, note: note) })
        }
    }

    /// Pages with more text than a step may store are still returned; another attempt reads them again.
    private nonisolated func keep(
        _ name: String, of context: JobContext, _ part: @escaping @Sendable () async throws -> [PageText]
    ) async throws -> [PageText] {
        let read = Mutex<[PageText]>([])
        do {
            return try await context.step(name) {
                let pages = try await part()
                read.withLock { $0 = pages }
                return pages
            }
        } catch StepError.tooLarge {
            return read.withLock { $0 }
        }
    }

    private nonisolated func search(_ request: DocumentSearch) async throws -> DocumentSearch.Answer {
        guard (1...2000).contains(request.query.count) else { throw Discard("query: use 1 to 2,000 characters") }
        let limit = request.limit ?? 5
        guard (1...100).contains(limit) else { throw Discard("limit \(limit): use 1 to 100") }
        return try await discarding {
            let library = try await library()
            guard let vector = try await library.embedder.embed([request.query]).first else {
                throw IngestionError.embedder(reason: "no vector for a query")
            }
            return DocumentSearch.Answer(passages: try await library.store.search(vector, limit: limit))
        }
    }

    /// What only a person can correct is not retried.
    private nonisolated func discarding<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as IngestionError where !error.isRetryable {
            throw Discard("\(error)")
        }
    }

    /// Opened once; after a failure (for example, a missing model) the next job tries again.
    private func library() async throws -> Library {
        if let opened { return try await opened.value }
        let task = Task { [modelDirectory, storePath, threads] in
            let words = try await threads.run {
                let words = try WordEmbedder(directory: modelDirectory)
                try FileManager.default.createDirectory(
                    atPath: (storePath as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                return words
            }
            let embedder = LocalEmbedder(words, threads: threads)
            let store = try await DocumentStore(
                path: storePath, model: embedder.model, dimensions: embedder.dimensions, threads: threads)
            let ingestion = Ingestion(store: store, embedder: embedder, threads: threads)
            return Library(store: store, embedder: embedder, ingestion: ingestion)
        }
        opened = task
        do {
            return try await task.value
        } catch {
            opened = nil
            throw error
        }
    }
}
