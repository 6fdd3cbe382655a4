/// What is known of a document before the store has given it an id, a generation and its times.
public struct DocumentReplacement: Sendable {
    /// Below the root of documents; tells which document is replaced.
    public var path: String
    /// Of the file, lower-case hexadecimal.
    public var sha256: String
    /// What is shown for the document.
    public var title: String
    /// How many it has, those that could not be read included.
    public var pages: Int
    /// How many pages have each verdict, by `PageVerdict`'s name.
    public var verdicts: [String: Int]
    /// The pages that could not be read, in order; with any the document is `partial`.
    public var failures: [PageFailure]
    /// The sum over the chunks, as the embedder counts.
    public var tokens: Int
    /// How the chunks were made: with another recipe an unchanged file is taken in anew.
    public var recipe: String

    /// Takes the fields as they are; nothing is checked.
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
