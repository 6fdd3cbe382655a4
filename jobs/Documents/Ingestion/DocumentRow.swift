internal import Foundation
internal import GRDB

/// A document as a row.
struct DocumentRow: FetchableRecord {
    var document: StoredDocument

    init(document: StoredDocument) { self.document = document }

    init(row: Row) throws {
        let verdicts: String = row["verdicts"]
        let failures: String = row["failures"]
        let state: String = row["state"]
        document = StoredDocument(
            id: row["id"], path: row["path"], sha256: row["sha256"], title: row["title"], pages: row["pages"],
            verdicts: try JSONDecoder().decode([String: Int].self, from: Data(verdicts.utf8)),
            failures: try JSONDecoder().decode([PageFailure].self, from: Data(failures.utf8)),
            chunks: row["chunks"], tokens: row["tokens"], generation: row["generation"],
            state: StoredDocument.State(rawValue: state) ?? .partial, recipe: row["recipe"],
            createdAt: row["created_at"], updatedAt: row["updated_at"])
    }

    func upsert(into database: Database) throws {
        let verdicts = String(decoding: try JSONEncoder().encode(document.verdicts), as: UTF8.self)
        let failures = String(decoding: try JSONEncoder().encode(document.failures), as: UTF8.self)
        try database.execute(
            sql: """
                INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    path = excluded.path, sha256 = excluded.sha256, title = excluded.title, pages = excluded.pages,
                    verdicts = excluded.verdicts, failures = excluded.failures,
                    chunks = excluded.chunks, tokens = excluded.tokens,
                    generation = excluded.generation, state = excluded.state, recipe = excluded.recipe,
                    updated_at = excluded.updated_at
                """,
            arguments: [
                document.id, document.path, document.sha256, document.title, document.pages, verdicts, failures,
                document.chunks, document.tokens, document.generation, document.state.rawValue, document.recipe,
                document.createdAt, document.updatedAt,
            ])
    }
}
