public import Foundation

/// Where documents lie with their chunks and vectors. Several processes may use one store at once.
public protocol DocumentStoring: Sendable {
    /// The document of this path below the root, if it was taken in.
    ///
    /// - Throws: `IngestionError.store`.
    func document(path: String) async throws -> StoredDocument?

    /// Puts these chunks in the place of all that the document had, all of them at once: a search sees the old ones or
    /// the new ones, and so does the next process after a crash at any point.
    ///
    /// The document moves to its next generation, from 1. A chunk whose text it had before keeps its id.
    ///
    /// - Parameter now: what becomes `updatedAt`, and `createdAt` of a new document.
    /// - Returns: the document as stored.
    /// - Throws: `IngestionError.store`; `IngestionError.otherModel` for a vector of another length.
    @discardableResult
    func replace(
        _ document: DocumentReplacement, with chunks: [EmbeddedChunk], now: Date
    ) async throws -> StoredDocument

    /// The chunks closest to a vector, best first.
    ///
    /// - Parameters:
    ///   - vector: of unit length, from the model of the store.
    ///   - limit: how many to return at most; none for 0 and less.
    /// - Throws: `IngestionError.store`; `IngestionError.otherModel` for a vector of another length.
    func search(_ vector: [Float], limit: Int) async throws -> [Passage]
}
