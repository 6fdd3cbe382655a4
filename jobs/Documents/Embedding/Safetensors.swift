internal import Foundation

/// A memory-mapped file of named tensors: nothing is read before it is used, and processes share the pages.
///
/// Format: 8 bytes little-endian length n, n bytes of JSON (`name → {dtype, shape, data_offsets}`), then the data,
/// https://huggingface.co/docs/safetensors. The whole header is checked before any tensor is returned.
struct Safetensors: Sendable {
    private let path: String
    private let file: Data
    private let tensors: [String: Tensor]

    struct Tensor: Sendable, Equatable {
        var type: String
        var shape: [Int]
        /// In bytes of the file.
        var range: Range<Int>
    }

    /// A longer header counts as damage: the real one has about 100 bytes per tensor.
    private static let longestHeader = 16 << 20

    init(mapping path: String) throws(EmbeddingError) {
        self.path = path
        file = try Self.map(path)
        do throws(Damage) {
            tensors = try Self.readHeader(of: file)
        } catch {
            throw .malformed(file: path, reason: error.reason)
        }
    }

    /// The half-precision matrix of this name.
    func matrix(_ name: String) throws(EmbeddingError) -> HalfMatrix {
        guard let tensor = tensors[name] else {
            throw .unsupported(file: path, reason: "it has no tensor named \(name)")
        }
        guard tensor.type == "F16", tensor.shape.count == 2, tensor.shape.allSatisfy({ $0 > 0 }) else {
            let found = "\(tensor.type) \(tensor.shape)"
            throw .unsupported(file: path, reason: "\(name) is \(found), not a matrix of half floats (F16)")
        }
        return HalfMatrix(rows: tensor.shape[0], columns: tensor.shape[1], file: file, start: tensor.range.lowerBound)
    }

    static func map(_ path: String) throws(EmbeddingError) -> Data {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            let reason = FileManager.default.fileExists(atPath: path) ? "it is not readable" : "no such file"
            throw .missing(file: path, reason: reason)
        }
    }

    private struct Damage: Error { var reason: String }

    private static func readHeader(of file: Data) throws(Damage) -> [String: Tensor] {
        let parsed = file.withUnsafeBytes { bytes -> Result<(header: JSONValue, dataStart: Int), Damage> in
            guard bytes.count >= 8 else { return .failure(Damage(reason: "it is shorter than its own length field")) }
            let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
            guard length <= UInt64(min(longestHeader, bytes.count - 8)) else {
                return .failure(Damage(reason: "its header claims \(length) bytes, the file has \(bytes.count)"))
            }
            let end = 8 + Int(length)
            do throws(JSONSyntaxError) {
                return .success((try JSONValue(parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<end])), end))
            } catch {
                return .failure(Damage(reason: "its header is not JSON at byte \(error.offset)"))
            }
        }
        let (header, dataStart) = try parsed.get()
        guard let members = header.members else { throw Damage(reason: "its header is not a JSON object") }

        var tensors: [String: Tensor] = [:]
        for (key, value) in members where key != Array("__metadata__".utf8) {
            let name = String(decoding: key, as: UTF8.self)
            tensors[name] = try tensor(name, value, dataStart: dataStart, fileSize: file.count)
        }
        return tensors
    }

    private static func tensor(
        _ name: String, _ value: JSONValue, dataStart: Int, fileSize: Int
    ) throws(Damage) -> Tensor {
        guard let type = value["dtype"]?.text,
            let lengths = value["shape"]?.elements, case let shape = lengths.compactMap(\.count),
            shape.count == lengths.count,
            let offsets = value["data_offsets"]?.elements?.compactMap(\.count), offsets.count == 2
        else { throw Damage(reason: "tensor \(name) has no valid dtype, shape or data_offsets") }

        guard offsets[0] <= offsets[1], offsets[1] <= fileSize - dataStart else {
            throw Damage(reason: "tensor \(name) is outside the file, which has \(fileSize) bytes")
        }
        let sizes = [
            "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "F32": 4, "I32": 4, "U32": 4, "F64": 8, "I64": 8, "U64": 8,
        ]
        var wanted = sizes[type] ?? 1
        for length in shape {
            let (product, overflow) = wanted.multipliedReportingOverflow(by: length)
            guard !overflow else { throw Damage(reason: "tensor \(name) has an impossible shape \(shape)") }
            wanted = product
        }
        guard offsets[1] - offsets[0] == wanted else {
            throw Damage(
                reason: "tensor \(name) has \(offsets[1] - offsets[0]) bytes, \(type) \(shape) needs \(wanted)")
        }
        return Tensor(type: type, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
    }
}
