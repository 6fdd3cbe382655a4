public import Ingestion
public import Queue

/// Takes a document in: its text, by OCR where a page has none, its passages and their vectors go to the store.
///
/// May run twice: the second time costs a hash if the first one was done. Pages that were read stay read when its
/// worker dies: they are durable steps.
public struct DocumentIngest: JobRequest {
    /// What became of the document.
    public typealias Output = IngestResult
    /// The name under which such jobs are stored.
    public static let type = "document.ingest"

    /// A file inside `PACKHORSE_DOCUMENTS`, absolute or below it.
    public var path: String

    /// Checks nothing: the path is looked at when the job runs.
    public init(path: String) {
        self.path = path
    }
}
