/// How much of a machine one document may use. What exceeds a limit is refused by name, never cut off in silence.
public struct IngestionLimits: Sendable, Equatable {
    /// Of the file.
    public var bytes = 64 << 20
    /// Of a PDF.
    public var pages = 2_000
    /// Of one image, decoded: of a picture file, or of a page drawn for OCR (which is then drawn coarser first).
    public var pixels = 100_000_000
    /// Of the whole text, in Unicode code points.
    public var characters = 10_000_000
    /// For one page or one call of a program that reads text.
    public var readingTime = Duration.seconds(60)
    /// Of each program that reads a document, in bytes of address space.
    public var memory = 4 << 30
    /// For the OCR of one page.
    public var ocrTime = Duration.seconds(180)

    /// With the defaults above.
    public init() {}
}
