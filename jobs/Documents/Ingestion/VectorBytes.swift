internal import Foundation

/// A vector in the form in which it is stored: little-endian floats, one after the other.
enum VectorBytes {
    static func data(of vector: [Float]) -> Data {
        var data = Data(capacity: vector.count * 4)
        for value in vector {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
        return data
    }

    /// The dot product of a stored vector and a query, which is their cosine if both have unit length; 0 for a stored
    /// vector of another length.
    static func dot(_ stored: Data, _ query: [Float]) -> Float {
        guard stored.count == query.count * 4 else { return 0 }
        return stored.withUnsafeBytes { bytes in
            var sum: Float = 0
            for index in query.indices {
                let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
                sum += Float(bitPattern: bits) * query[index]
            }
            return sum
        }
    }
}
