/// What the store knows of a document.
public struct StoredDocument: Codable, Sendable, Equatable {
    /// Whether all pages are in.
    public enum State: String, Codable, Sendable {
        /// Every page was read, if only to find it empty.
        case complete
        /// Some pages could not be read: see `failures`. The others can be found.
        case partial
    }

    /// A UUID made from the path: the same document keeps it for ever.
    public var id: String
    /// Below the root of documents.
    public var path: String
    /// Of the file, lower-case hexadecimal.
    public var sha256: String
    /// As its author entered it, else its first heading, else the file's name.
    public var title: String
    /// How many it has, those that could not be read included.
    public var pages: Int
    /// How many pages have each verdict, by `PageVerdict`'s name.
    public var verdicts: [String: Int]
    /// The pages that could not be read, in order.
    public var failures: [PageFailure]
    /// How many pieces of it can be found.
    public var chunks: Int
    /// The sum over the chunks, as the embedder counts.
    public var tokens: Int
    /// Counts the times that this document's chunks were replaced, from 1.
    public var generation: Int
    /// Whether all pages are in.
    public var state: State
    /// How the chunks were made: with another recipe an unchanged file is taken in anew.
    public var recipe: String
    /// ISO 8601 with milliseconds, UTC.
    public var createdAt: String
    /// When its chunks were replaced last, written in the same way.
    public var updatedAt: String
}
