internal import Foundation

/// Reads the text in a picture with tesseract, one thread per picture.
struct OCRReader: Sendable {
    let tools: Toolbox
    let limits: IngestionLimits

    /// The background of the text.
    enum Ground {
        /// A page rendered from a PDF, at this resolution in dots per inch.
        case page(resolution: Int)
        /// A picture of unknown resolution, often unevenly lit.
        case photograph
    }

    /// - Returns: the text, without blanks at its ends; empty if there is none.
    func read(_ picture: String, on ground: Ground) async throws -> String {
        var arguments = [picture, "stdout", "-l", "eng"]
        switch ground {
        case .page(let resolution):
            arguments += ["--dpi", "\(resolution)"]
        case .photograph:
            // Sauvola's threshold, computed from the neighbourhood of each pixel: one threshold for the whole picture
            // would lose the text in a shaded half. As one block (6): the search for columns (3) drops columns that it
            // mistakes for something else, such as the prices of a receipt; lines that are read across columns lose
            // nothing.
            arguments += ["-c", "thresholding_method=2", "--psm", "6"]
        }
        let output = try await tools.run(.tesseract, arguments, limit: limits.ocrTime, mostOutput: 4 << 20)
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
