/// What the store knows about a document.
public struct StoredDocument: Codable, Sendable, Equatable {
    /// Whether all pages were read.
    public enum State: String, Codable, Sendable {
        /// Every page was read, even if it was empty.
        case complete
        /// Some pages could not be read: see `failures`. The others can be found.
        case partial
    }

    /// A UUID made from the path, so it stays the same for a document.
    public var id: String
    /// Relative to the root of documents.
    public var path: String
    /// The SHA-256 of the file, lower-case hexadecimal.
    public var sha256: String
    /// As its author entered it, else its first heading, else the file's name.
    public var title: String
    /// The number of pages, including those that could not be read.
    public var pages: Int
    /// The number of pages per verdict, by `PageVerdict`'s name.
    public var verdicts: [String: Int]
    /// The pages that could not be read, in order.
    public var failures: [PageFailure]
    /// The number of pieces that a search can find.
    public var chunks: Int
    /// The sum over the chunks, as counted by the embedder.
    public var tokens: Int
    /// How often this document's chunks were replaced, from 1.
    public var generation: Int
    /// Whether all pages were read.
    public var state: State
    /// How the chunks were made: if the recipe differs, an unchanged file is processed again.
    public var recipe: String
    /// ISO 8601 with milliseconds, UTC.
    public var createdAt: String
    /// When its chunks were last replaced, in the same format.
    public var updatedAt: String
}
