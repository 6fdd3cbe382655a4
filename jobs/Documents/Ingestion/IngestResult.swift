/// What became of a document.
public struct IngestResult: Codable, Sendable, Equatable {
    /// A UUID made from the path: the same document keeps it for ever.
    public var documentId: String
    /// Below the root of documents.
    public var path: String
    /// How many the document has, those that could not be read included.
    public var pages: Int
    /// How many of them were read off their pictures.
    public var pagesByOCR: Int
    /// How many pieces of it can be found.
    public var chunks: Int
    /// The sum over the chunks, as the embedder counts.
    public var tokens: Int
    /// The same file was taken in before, in the same way: nothing was read or written. The other numbers are those
    /// of that time.
    public var skipped: Bool
    /// How many pages have each verdict, by `PageVerdict`'s name; none that is 0.
    public var verdicts: [String: Int]
    /// The pages that could not be read, in order. A document with any is read again by the next call.
    public var failures: [PageFailure]
    /// By the clock, this call alone.
    public var seconds: Double

    /// - Parameters:
    ///   - document: as the store has it now.
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
