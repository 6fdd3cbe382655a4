/// What is known about a document before the store has given it an id, a generation and its times.
public struct DocumentReplacement: Sendable {
    /// Relative to the root of documents; identifies the document to replace.
    public var path: String
    /// The SHA-256 of the file, lower-case hexadecimal.
    public var sha256: String
    /// The title that is shown for the document.
    public var title: String
    /// The number of pages, including those that could not be read.
    public var pages: Int
    /// The number of pages per verdict, by `PageVerdict`'s name.
    public var verdicts: [String: Int]
    /// The pages that could not be read, in order; if there are any, the document is `partial`.
    public var failures: [PageFailure]
    /// The sum over the chunks, as counted by the embedder.
    public var tokens: Int
    /// How the chunks were made: if the recipe differs, an unchanged file is processed again.
    public var recipe: String

    /// Takes the fields as they are, without checks.
    public init(
        path: String, sha256: String, title: String, pages: Int, verdicts: [String: Int],
        failures: [PageFailure], tokens: Int, recipe: String
    ) {
        self.path = path
        self.sha256 = sha256
        self.title = title
        self.pages = pages
        self.verdicts = verdicts
        self.failures = failures
        self.tokens = tokens
        self.recipe = recipe
    }
}
