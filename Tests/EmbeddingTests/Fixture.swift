import Foundation
import Testing

@testable import Embedding

/// What the Python package makes of 1,000 texts, written by scripts/make-embedding-fixture.py.
struct Fixture {
    struct Sample: Decodable {
        var text: String
        var ids: [UInt32]
    }

    var samples: [Sample]
    /// 256 floats a row, in the order of the samples.
    var vectors: [[Float]]

    init() throws {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        let lines = try Data(contentsOf: folder.appendingPathComponent("texts.jsonl")).split(
            separator: UInt8(ascii: "\n"))
        samples = try lines.map { try JSONDecoder().decode(Sample.self, from: $0) }

        let halves = try Data(contentsOf: folder.appendingPathComponent("vectors.f16"))
        vectors = stride(from: 0, to: halves.count, by: 512).map { row in
            (0..<256).map { column in
                let start = halves.startIndex + row + column * 2
                return Float(Float16(bitPattern: UInt16(halves[start]) | UInt16(halves[start + 1]) << 8))
            }
        }
        try #require(samples.count == 1_000)
        try #require(vectors.count == 1_000)
    }
}

/// The files of the model, as `make setup` leaves them.
enum Model {
    static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent(".models/wordllama").path
    static let tokenizer = "\(directory)/l2_supercat_tokenizer_config.json"
    static let weights = "\(directory)/l2_supercat_256.safetensors"

    static let embedder = Result { try WordEmbedder(directory: directory) }
}

func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var dot = 0.0
    var ofA = 0.0
    var ofB = 0.0
    for (x, y) in zip(a, b) {
        dot += Double(x) * Double(y)
        ofA += Double(x) * Double(x)
        ofB += Double(y) * Double(y)
    }
    return ofA * ofB == 0 ? 0 : dot / (ofA * ofB).squareRoot()
}

/// A directory of this test alone, removed with it.
func withTemporaryDirectory<T>(_ body: (URL) throws -> T) throws -> T {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("embedding-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory)
}
