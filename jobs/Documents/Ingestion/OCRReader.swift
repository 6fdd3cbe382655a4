internal import Foundation

/// Reads the writing on a picture with tesseract, one thread a picture.
struct OCRReader: Sendable {
    let tools: Toolbox
    let limits: IngestionLimits

    /// What lies under the writing.
    enum Ground {
        /// A page drawn from a PDF, at this resolution in dots per inch.
        case page(resolution: Int)
        /// A picture of unknown resolution, often lit unevenly.
        case photograph
    }

    /// - Returns: the text, without blanks at its ends; empty when there is no writing.
    func read(_ picture: String, on ground: Ground) async throws -> String {
        var arguments = [picture, "stdout", "-l", "eng"]
        switch ground {
        case .page(let resolution):
            arguments += ["--dpi", "\(resolution)"]
        case .photograph:
            // Sauvola's threshold, taken from the neighbourhood of each point: one threshold for the whole picture
            // would drown the writing in the shaded half. As one block (6): the search for columns (3) drops those it
            // takes for something else, the prices of a receipt among them; lines read across columns lose nothing.
            arguments += ["-c", "thresholding_method=2", "--psm", "6"]
        }
        let output = try await tools.run(.tesseract, arguments, limit: limits.ocrTime, mostOutput: 4 << 20)
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
