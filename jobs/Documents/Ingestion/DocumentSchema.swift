internal import GRDB

/// The tables of the document store.
enum DocumentSchema {
    /// One script per version, in order. A change is a new script: existing ones have already run on users' files.
    private static let versions = [
        """
        CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        CREATE TABLE documents (
            id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, title TEXT NOT NULL,
            pages INTEGER NOT NULL, verdicts TEXT NOT NULL, failures TEXT NOT NULL, chunks INTEGER NOT NULL,
            tokens INTEGER NOT NULL, generation INTEGER NOT NULL, state TEXT NOT NULL, recipe TEXT NOT NULL, created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE chunks (
            id TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
            generation INTEGER NOT NULL, page INTEGER NOT NULL, ordinal INTEGER NOT NULL,
            start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, headings TEXT NOT NULL, text TEXT NOT NULL,
            embedding BLOB NOT NULL
        ) STRICT;
        CREATE INDEX chunks_of_document ON chunks (document, generation);
        """
    ]

    /// Updates the tables in a transaction that excludes other writers: two processes that start at the same time do it
    /// one after the other, and the second finds it done. (GRDB's `DatabaseMigrator` checks before it locks.)
    static func update(_ database: Database) throws {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found <= versions.count else {
            throw IngestionError.store(
                reason: "the file has version \(found), this program knows versions up to \(versions.count): update it",
                busy: false)
        }
        guard found < versions.count else { return }
        for script in versions[found...] { try database.execute(sql: script) }
        try database.execute(sql: "PRAGMA user_version = \(versions.count)")
    }
}
