/// How the text of a page was obtained.
public enum PageVerdict: String, Codable, Sendable, CaseIterable {
    /// The document's own text.
    case native
    /// Read from the picture of the page.
    case ocr
    /// Neither gave any text: a blank page, or one without writing.
    case empty
    /// The page could not be read; `PageText.reason` says why.
    case failed
}

/// A page that could not be read.
public struct PageFailure: Codable, Sendable, Equatable {
    /// From 1.
    public var page: Int
    /// Why, in at most 300 characters.
    public var reason: String

    /// Takes the fields as they are, without checks.
    public init(page: Int, reason: String) {
        self.page = page
        self.reason = reason
    }
}

/// The text of one page.
public struct PageText: Codable, Sendable, Equatable {
    /// From 1. A picture, a Markdown file or a plain text file is one page.
    public var number: Int
    /// Empty if the page could not be read.
    public var text: String
    /// How the text was obtained.
    public var verdict: PageVerdict
    /// Why a page failed, or why its own text was not good enough.
    public var reason: String?

    /// Takes the fields as they are, without checks.
    public init(number: Int, text: String, verdict: PageVerdict, reason: String? = nil) {
        self.number = number
        self.text = text
        self.verdict = verdict
        self.reason = reason
    }
}
