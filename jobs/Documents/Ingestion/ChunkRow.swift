internal import Foundation
internal import GRDB

/// A chunk as a row.
struct ChunkRow: Sendable {
    var id: String
    var document: String
    var ordinal: Int
    var chunk: Chunk
    var headings: String
    var embedding: Data

    /// Rows in the order of the chunks. An id is made from the document, the text and how often that text occurred
    /// before, so an edit elsewhere in the document changes no id.
    static func rows(of chunks: [EmbeddedChunk], document: String) -> [ChunkRow] {
        var seen: [[UInt8]: Int] = [:]
        return chunks.enumerated().map { ordinal, embedded in
            let text = embedded.chunk.text
            let occurrence = seen[Array(text.utf8), default: 0]
            seen[Array(text.utf8)] = occurrence + 1
            // Strings can always be encoded; the fallback is only for the type checker.
            let headings = (try? JSONEncoder().encode(embedded.chunk.headings)) ?? Data("[]".utf8)
            return ChunkRow(
                id: StableID.uuid(of: "chunk", document, text, "\(occurrence)"), document: document,
                ordinal: ordinal, chunk: embedded.chunk, headings: String(decoding: headings, as: UTF8.self),
                embedding: VectorBytes.data(of: embedded.vector))
        }
    }

    static func upsert(_ rows: [ChunkRow], generation: Int, into database: Database) throws {
        let statement = try database.makeStatement(
            sql: """
                INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    generation = excluded.generation, page = excluded.page, ordinal = excluded.ordinal,
                    start_offset = excluded.start_offset, end_offset = excluded.end_offset,
                    headings = excluded.headings, embedding = excluded.embedding
                """)
        for row in rows {
            try statement.execute(arguments: [
                row.id, row.document, generation, row.chunk.page, row.ordinal, row.chunk.range.lowerBound,
                row.chunk.range.upperBound, row.headings, row.chunk.text, row.embedding,
            ])
        }
    }
}
