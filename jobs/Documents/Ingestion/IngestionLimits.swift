/// How much of a machine one document may use. What exceeds a limit is refused with an error, never silently cut off.
public struct IngestionLimits: Sendable, Equatable {
    /// The size of the file.
    public var bytes = 64 << 20
    /// The pages of a PDF.
    public var pages = 2_000
    /// The size of one decoded image: of a picture file, or of a page rendered for OCR, whose resolution is
    /// reduced to fit.
    public var pixels = 100_000_000
    /// The size of the whole text, in Unicode code points.
    public var characters = 10_000_000
    /// The time for one page, or for one call of a program that reads text.
    public var readingTime = Duration.seconds(60)
    /// The address space of each program that reads a document, in bytes.
    public var memory = 4 << 30
    /// The time for the OCR of one page.
    public var ocrTime = Duration.seconds(180)

    /// With the defaults above.
    public init() {}
}
