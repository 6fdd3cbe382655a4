internal import Foundation
internal import GRDB

/// A chunk with its document, as a row of `query`.
struct PassageRow: FetchableRecord {
    static let query = """
        SELECT chunks.id, chunks.document, documents.path, documents.title, chunks.page, chunks.ordinal,
            chunks.start_offset, chunks.end_offset, chunks.headings, chunks.text
        FROM chunks JOIN documents ON documents.id = chunks.document WHERE chunks.rowid = ?
        """

    private var passage: Passage

    init(row: Row) throws {
        let headings: String = row["headings"]
        passage = Passage(
            id: row["id"], documentId: row["document"], path: row["path"], title: row["title"], page: row["page"],
            ordinal: row["ordinal"], start: row["start_offset"], end: row["end_offset"],
            headings: try JSONDecoder().decode([String].self, from: Data(headings.utf8)), text: row["text"], score: 0)
    }

    func passage(score: Float) -> Passage {
        var passage = passage
        passage.score = score
        return passage
    }
}
