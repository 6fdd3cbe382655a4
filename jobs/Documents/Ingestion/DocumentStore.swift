public import Floor
public import Foundation
internal import GRDB

/// Documents and their chunks with vectors, in one SQLite file that several processes can use at once.
///
/// A document is replaced in one transaction: a search sees either all old chunks or all new ones, and so does the next
/// process after a crash at any point. Nothing here runs on the task pool: GRDB has its own threads.
public struct DocumentStore: DocumentStoring {
    private let pool: DatabasePool
    private let model: String
    private let dimensions: Int

    /// How long a write waits for a write of another process, in seconds.
    private static let patience: TimeInterval = 20

    /// Opens the file, or creates it.
    ///
    /// - Parameters:
    ///   - path: the path of the SQLite file; its directory must exist.
    ///   - model: the name of the model that made the vectors. A file keeps vectors of one model.
    ///   - dimensions: the number of floats in each vector.
    ///   - threads: one of them opens the file.
    public init(path: String, model: String, dimensions: Int, threads: BlockingThreads) async throws {
        self.model = model
        self.dimensions = dimensions
        pool = try await Self.translated { try await threads.run { try Self.open(path) } }

        let wanted = "\(model)/\(dimensions)"
        let stored = try await Self.translated { [pool] in
            try await pool.write { database in
                try database.execute(
                    sql: "INSERT INTO settings (name, value) VALUES ('model', ?) ON CONFLICT DO NOTHING",
                    arguments: [wanted])
                return try String.fetchOne(database, sql: "SELECT value FROM settings WHERE name = 'model'")
            }
        }
        guard stored == wanted else { throw IngestionError.otherModel(stored: stored ?? "", ours: wanted) }
    }

    /// Closes the file; later calls throw.
    public func close() throws {
        do {
            try pool.close()
        } catch {
            throw Self.translation(of: error)
        }
    }

    /// All documents, sorted by path.
    public func documents() async throws -> [StoredDocument] {
        try await read { try DocumentRow.fetchAll($0, sql: "SELECT * FROM documents ORDER BY path").map(\.document) }
    }

    /// The document at this path relative to the root, if it was ingested.
    public func document(path: String) async throws -> StoredDocument? {
        try await read {
            try DocumentRow.fetchOne($0, sql: "SELECT * FROM documents WHERE path = ?", arguments: [path])?.document
        }
    }

    /// Replaces all chunks of the document by these: a generation swap.
    ///
    /// In one transaction, the document moves to the next generation, its new chunks are written (a chunk with a text
    /// that existed before keeps its id), chunks of older generations are deleted, and the remaining chunks are
    /// counted.
    ///
    /// - Parameter now: the new `updatedAt`, and `createdAt` of a new document.
    /// - Returns: the document as stored.
    @discardableResult
    public func replace(
        _ document: DocumentReplacement, with chunks: [EmbeddedChunk], now: Date = Date()
    ) async throws -> StoredDocument {
        if let wrong = chunks.first(where: { $0.vector.count != dimensions }) {
            throw IngestionError.otherModel(
                stored: "\(model)/\(dimensions)", ours: "a vector of \(wrong.vector.count) dimensions")
        }
        let id = StableID.uuid(of: "document", document.path)
        let time = now.ISO8601Format(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let rows = ChunkRow.rows(of: chunks, document: id)
        return try await Self.translated { [pool] in
            try await pool.write { database in
                let before = try DocumentRow.fetchOne(
                    database, sql: "SELECT * FROM documents WHERE id = ?", arguments: [id])?.document
                let generation = (before?.generation ?? 0) + 1
                let after = StoredDocument(
                    id: id, path: document.path, sha256: document.sha256, title: document.title,
                    pages: document.pages, verdicts: document.verdicts, failures: document.failures, chunks: rows.count,
                    tokens: document.tokens,
                    generation: generation,
                    state: document.failures.isEmpty ? .complete : .partial,
                    recipe: document.recipe, createdAt: before?.createdAt ?? time, updatedAt: time)
                try DocumentRow(document: after).upsert(into: database)
                try ChunkRow.upsert(rows, generation: generation, into: database)
                try database.execute(
                    sql: "DELETE FROM chunks WHERE document = ? AND generation <> ?", arguments: [id, generation])
                let kept = try Int.fetchOne(
                    database, sql: "SELECT COUNT(*) FROM chunks WHERE document = ?", arguments: [id])
                guard kept == rows.count else {
                    throw IngestionError.store(
                        reason: "\(rows.count) chunks of \(document.path) written, \(kept ?? 0) are there", busy: false)
                }
                return after
            }
        }
    }

    /// The chunks closest to a vector, best first.
    ///
    /// Compares the query with every chunk: exact, one pass over the file (about 1 KB per chunk) in constant memory.
    ///
    /// - Parameters:
    ///   - vector: with unit length and `dimensions` floats, from the store's model.
    ///   - limit: the maximum number of results.
    public func search(_ vector: [Float], limit: Int = 10) async throws -> [Passage] {
        guard vector.count == dimensions else {
            throw IngestionError.otherModel(
                stored: "\(model)/\(dimensions)", ours: "a query of \(vector.count) dimensions")
        }
        guard limit > 0 else { return [] }
        return try await read { database in
            var best = Nearest(limit: limit)
            let rows = try Row.fetchCursor(database, sql: "SELECT rowid, embedding FROM chunks")
            while let row = try rows.next() {
                let score = try row.withUnsafeData(atIndex: 1) { $0.map { VectorBytes.dot($0, vector) } ?? 0 }
                best.offer(row[0], score: score)
            }
            return try best.found.compactMap { found in
                try PassageRow.fetchOne(database, sql: PassageRow.query, arguments: [found.row])?
                    .passage(score: found.score)
            }
        }
    }

    private func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await Self.translated { [pool] in try await pool.read(body) }
    }

    /// Converts GRDB's errors to our type; passes on ours and cancellation.
    private static func translated<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch {
            throw translation(of: error)
        }
    }

    private static func translation(of error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let busy = [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode)
        return IngestionError.store(reason: error.message ?? "SQLite error \(error.resultCode.rawValue)", busy: busy)
    }

    /// Opens the file and updates it to the current schema. Blocks.
    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience)
        // The number of readers does not matter here: one search and a few look-ups at a time.
        configuration.maximumReaderCount = 2
        let deadline = Date().addingTimeInterval(patience)
        while true {
            do {
                // The first open switches the file to write-ahead logging, which SQLite does not wait for: of two
                // processes that start at the same time, one must try again.
                let pool = try DatabasePool(path: path, configuration: configuration)
                try pool.write(DocumentSchema.update)
                return pool
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && Date() < deadline {
                Thread.sleep(forTimeInterval: 0.02)  // SQLite does not notify when a lock is free
            }
        }
    }
}
