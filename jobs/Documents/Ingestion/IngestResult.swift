/// The result of ingesting a document.
public struct IngestResult: Codable, Sendable, Equatable {
    /// A UUID made from the path, so it stays the same for a document.
    public var documentId: String
    /// Relative to the root of documents.
    public var path: String
    /// The number of pages, including those that could not be read.
    public var pages: Int
    /// The number of pages that were read by OCR.
    public var pagesByOCR: Int
    /// The number of pieces that a search can find.
    public var chunks: Int
    /// The sum over the chunks, as counted by the embedder.
    public var tokens: Int
    /// The same file was ingested before in the same way, so nothing was read or written. The other numbers are those
    /// of that run.
    public var skipped: Bool
    /// The number of pages per verdict, by `PageVerdict`'s name; without zeros.
    public var verdicts: [String: Int]
    /// The pages that could not be read, in order. A document with any is read again by the next call.
    public var failures: [PageFailure]
    /// The elapsed time of this call.
    public var seconds: Double

    /// - Parameters:
    ///   - document: as it is in the store now.
    ///   - seconds: how long the call took.
    public init(_ document: StoredDocument, skipped: Bool, seconds: Double) {
        documentId = document.id
        path = document.path
        pages = document.pages
        pagesByOCR = document.verdicts[PageVerdict.ocr.rawValue] ?? 0
        chunks = document.chunks
        tokens = document.tokens
        self.skipped = skipped
        verdicts = document.verdicts
        failures = document.failures
        self.seconds = seconds
    }
}
