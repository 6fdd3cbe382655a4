public import Ingestion
public import Queue

/// Ingests a document: its text, read by OCR where a page has none, its passages and their vectors go to the store.
///
/// It may run twice: a second run costs only a hash if the first one was complete. Pages that were read are durable
/// steps, so they are not lost when the worker dies.
public struct DocumentIngest: JobRequest {
    /// The result of ingesting the document.
    public typealias Output = IngestResult
    /// The name of the job type.
    public static let type = "document.ingest"

    /// A file inside `PACKHORSE_DOCUMENTS`: an absolute path, or relative to it.
    public var path: String

    /// Does not check anything: the path is checked when the job runs.
    public init(path: String) {
        self.path = path
    }
}
