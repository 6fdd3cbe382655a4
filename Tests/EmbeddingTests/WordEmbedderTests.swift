import Foundation
import Testing

@testable import Embedding

@Suite struct WordEmbedderTests {
    @Test func equalsThePackageInEveryScript() throws {
        let embedder = try Model.embedder.get()
        let fixture = try Fixture()
        var compared = 0
        for (sample, expected) in zip(fixture.samples, fixture.vectors) where !sample.ids.isEmpty {
            let vector = embedder.embed(sample.text)
            let nearness = cosine(vector, expected)
            #expect(nearness >= 0.99999, "cosine \(nearness) for \(sample.text.debugDescription)")
            #expect(abs(cosine(vector, vector) - 1) < 1e-6)
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
            compared += 1
        }
        #expect(compared >= 995)
    }

    @Test func anEmptyTextHasNoDirection() throws {
        let embedder = try Model.embedder.get()
        #expect(embedder.embed("") == [Float](repeating: 0, count: 256))
        #expect(embedder.tokenCount("") == 0)
    }

    @Test func countsTheTokensOfThePackage() throws {
        let embedder = try Model.embedder.get()
        for sample in try Fixture().samples.prefix(200) {
            #expect(embedder.tokenCount(sample.text) == sample.ids.count)
        }
    }

    @Test func likeTextsLieCloserThanUnlikeOnes() throws {
        let embedder = try Model.embedder.get()
        let query = embedder.embed("how much salt may a pony carry")
        let near = embedder.embed("A pack horse carries a load of two hundredweight of salt.")
        let far = embedder.embed("The committee adjourned until the chairman had recovered his hat.")
        #expect(cosine(query, near) > cosine(query, far) + 0.1)
    }

    @Test func threadsShareOneEmbedder() async throws {
        let embedder = try Model.embedder.get()
        let samples = Array(try Fixture().samples.suffix(100))
        let alone = samples.map { embedder.embed($0.text) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { samples.map { embedder.embed($0.text) } == alone }
            }
            for await equal in group { #expect(equal) }
        }
    }

    @Test func theMatrixIsMappedNotRead() throws {
        _ = try Model.embedder.get()
        // Foundation takes a file of size 0, as all here are, to end at the first short read: after 4 kB of
        // mappings. A handle reads until there is no more.
        let maps = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/maps")).readToEnd()
        let lines = String(decoding: try #require(maps), as: UTF8.self).split(separator: "\n")
        #expect(lines.contains { $0.hasSuffix("l2_supercat_256.safetensors") })
    }

    @Test func aMissingModelSaysWhatFetchesIt() {
        let error = #expect(throws: EmbeddingError.self) { try WordEmbedder(directory: "/nowhere") }
        #expect(error?.description.contains("/nowhere/l2_supercat_tokenizer_config.json") == true)
        #expect(error?.description.contains("make setup") == true)
    }
}
