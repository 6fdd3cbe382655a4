internal import Foundation

/// Width and height of a picture, read from its header only: a decompression bomb is refused before anything decodes
/// it.
struct PictureSize: Equatable {
    var width: Int
    var height: Int

    /// The product, or `Int.max` if it does not fit.
    var pixels: Int {
        let (product, overflow) = width.multipliedReportingOverflow(by: height)
        return overflow ? .max : product
    }

    /// Nil if the header is damaged or the kind is not a picture.
    init?(of content: Data, kind: DocumentKind) {
        func number(_ offset: Int, bytes count: Int) -> Int? {
            guard offset >= 0, offset + count <= content.count else { return nil }
            return content[content.startIndex + offset..<content.startIndex + offset + count].reduce(0) {
                $0 << 8 | Int($1)
            }
        }
        switch kind {
        case .png:
            // 8 bytes of signature, then the chunk IHDR: length, name, width, height.
            guard number(12, bytes: 4) == 0x4948_4452, let width = number(16, bytes: 4),
                let height = number(20, bytes: 4), width > 0, height > 0
            else { return nil }
            self.init(width: width, height: height)
        case .jpeg:
            // Segments (marker, length including itself) up to the frame header: SOF0 to SOF15 except DHT, JPG and DAC.
            var offset = 2
            while let lead = number(offset, bytes: 1), lead == 0xFF, let marker = number(offset + 1, bytes: 1) {
                if marker == 0xFF {
                    offset += 1  // a fill byte
                } else if 0xC0...0xCF ~= marker, ![0xC4, 0xC8, 0xCC].contains(marker) {
                    guard let height = number(offset + 5, bytes: 2), let width = number(offset + 7, bytes: 2),
                        width > 0, height > 0
                    else { return nil }
                    self.init(width: width, height: height)
                    return
                } else {
                    guard marker != 0xDA, let length = number(offset + 2, bytes: 2), length >= 2 else { return nil }
                    offset += 2 + length
                }
            }
            return nil
        default:
            return nil
        }
    }

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}
