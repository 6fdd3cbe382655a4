internal import Foundation

/// A row-major matrix of IEEE half floats inside a mapped file.
struct HalfMatrix: Sendable {
    let rows: Int
    let columns: Int
    fileprivate let file: Data
    fileprivate let start: Int

    init(rows: Int, columns: Int, file: Data, start: Int) {
        self.rows = rows
        self.columns = columns
        self.file = file
        self.start = start
    }

    /// The sum of these rows as `columns` floats. Every index must be below `rows`.
    func sum(of indices: [UInt32]) -> [Float] {
        [Float](unsafeUninitializedCapacity: columns) { sums, count in
            sums.initialize(repeating: 0)
            count = columns
            file.withUnsafeBytes { bytes in
                for index in indices {
                    precondition(index < rows)
                    add(bytes, row: Int(index), to: sums)
                }
            }
            for column in sums.indices { sums[column] *= Self.scale }
        }
    }

    /// 2¹¹², the ratio of two floats with equal exponent bits, one with bias 127 and one with bias 15.
    private static let scale = Float(sign: .plus, exponent: 112, significand: 1)

    /// Adds a row times 2⁻¹¹², with integer operations that the compiler turns into vector instructions on every
    /// processor: `Float(Float16)` is a function call where F16C may be missing.
    ///
    /// The sign, exponent and fraction of a half, moved to their places in a float, give its value times 2⁻¹¹², also
    /// for subnormal halves. The sums lose no precision because of the scale: they are multiples of 2⁻¹³⁶, and floats
    /// go down to 2⁻¹⁴⁹. Infinity and NaN do not occur in a trained matrix; they would become 2¹⁶ and more.
    private func add(_ bytes: UnsafeRawBufferPointer, row: Int, to sums: UnsafeMutableBufferPointer<Float>) {
        let first = start &+ row &* columns &* 2
        let halves = UnsafeRawBufferPointer(rebasing: bytes[first..<first &+ columns &* 2])
        guard let source = halves.baseAddress, let target = sums.baseAddress else { return }
        for column in 0..<columns {
            let half = UInt16(littleEndian: source.loadUnaligned(fromByteOffset: column &* 2, as: UInt16.self))
            let moved = Int32(bitPattern: UInt32(half) &<< 16) &>> 3
            target[column] += Float(bitPattern: UInt32(bitPattern: moved) & 0x8FFF_E000)
        }
    }
}
