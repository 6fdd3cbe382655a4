public import Foundation

/// A store for documents with their chunks and vectors. Several processes can use one store at once.
public protocol DocumentStoring: Sendable {
    /// The document at this path relative to the root, if it was ingested.
    ///
    /// - Throws: `IngestionError.store`.
    func document(path: String) async throws -> StoredDocument?

    /// Replaces all chunks of the document by these, atomically: a search sees either the old chunks or the new ones,
    /// and so does the next process after a crash at any point.
    ///
    /// The document moves to its next generation, counted from 1. A chunk with a text that it had before keeps its id.
    ///
    /// - Parameter now: the new `updatedAt`, and `createdAt` of a new document.
    /// - Returns: the document as stored.
    /// - Throws: `IngestionError.store`; `IngestionError.otherModel` for a vector of another length.
    @discardableResult
    func replace(
        _ document: DocumentReplacement, with chunks: [EmbeddedChunk], now: Date
    ) async throws -> StoredDocument

    /// The chunks closest to a vector, best first.
    ///
    /// - Parameters:
    ///   - vector: with unit length, from the model of the store.
    ///   - limit: the maximum number of results; none for 0 or less.
    /// - Throws: `IngestionError.store`; `IngestionError.otherModel` for a vector of another length.
    func search(_ vector: [Float], limit: Int) async throws -> [Passage]
}
