/// Whether the text that a PDF has for a page is usable, or the page must be read by OCR.
enum TextQuality: Equatable {
    case usable
    /// Fewer than `fewestCharacters` letters and digits: a scan, or a page with only its number.
    case scarce
    /// A text layer that differs from what the page shows: a font without a map to Unicode, or an earlier bad OCR.
    case garbled

    static let fewestCharacters = 16
    /// Good pages are below 0.01, garbled ones above 0.5; there are none in between.
    private static let mostUnmapped = 0.1
    /// Tables and forms go down to a half; rows of dots and symbols without words are below.
    private static let fewestReadable = 0.3

    init(of text: String) {
        var readable = 0
        var unmapped = 0
        var visible = 0
        for scalar in text.unicodeScalars where !scalar.properties.isWhitespace {
            visible += 1
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
                readable += 1
            case .privateUse, .unassigned, .control, .surrogate: unmapped += 1
            default: if scalar == "\u{FFFD}" { unmapped += 1 }
            }
        }
        // Glyphs that a font does not map appear as (cid:123).
        let glyphs = text.matches(of: /\(cid:\d+\)/)
        let glyphCharacters = glyphs.reduce(0) { $0 + $1.output.unicodeScalars.count }
        unmapped += glyphs.count
        visible -= glyphCharacters - glyphs.count
        readable -= glyphCharacters - 3 * glyphs.count

        if visible > 0, Double(unmapped) > Self.mostUnmapped * Double(visible) {
            self = .garbled
        } else if readable < Self.fewestCharacters {
            self = .scarce
        } else {
            self = Double(readable) < Self.fewestReadable * Double(visible) ? .garbled : .usable
        }
    }
}
