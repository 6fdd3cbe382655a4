package import Embedding
package import Floor
package import Ingestion

/// The built-in word vectors as an embedder. They are computed on threads outside the task pool.
package struct LocalEmbedder: Embedder {
    private let words: WordEmbedder
    private let threads: BlockingThreads

    package init(_ words: WordEmbedder, threads: BlockingThreads) {
        self.words = words
        self.threads = threads
    }

    package var model: String { WordEmbedder.model }
    package var dimensions: Int { words.dimensions }

    package func tokenCount(_ text: String) -> Int { words.tokenCount(text) }

    package func embed(_ texts: [String]) async throws -> [[Float]] {
        let words = words
        return try await threads.run { texts.map { words.embed($0) } }
    }
}
