public import Ingestion
public import Queue

/// Takes a document in: its text, by OCR where a page has none, its passages and their vectors go to the store.
///
/// May run twice: the second time costs a hash if the first one was done. Pages that were read stay read when its
/// worker dies: they are durable steps.
public struct DocumentIngest: JobRequest {
    public typealias Output = IngestResult
    public static let type = "document.ingest"

    /// A file inside `PACKHORSE_DOCUMENTS`, absolute or below it.
    public var path: String

    public init(path: String) {
        self.path = path
    }
}
