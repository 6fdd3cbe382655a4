/// Turns text into vectors with static word vectors: tokens → the mean of their vectors → unit length.
///
/// No server, no network, no state: the same text gives the same vector in every process, and texts with similar words
/// are close by cosine. The model is l2_supercat_256 of the MIT-licensed package wordllama (32,000 tokens × 256 half
/// floats, 16 MB, memory-mapped: shared by all processes and loaded on demand).
public struct WordEmbedder: Sendable {
    /// The name of the model, which a store keeps with its vectors: vectors of different models are not comparable.
    public static let model = "wordllama/l2_supercat_256"

    private static let weightsFile = "l2_supercat_256.safetensors"
    private static let tokenizerFile = "l2_supercat_tokenizer_config.json"

    private let tokenizer: Tokenizer
    private let vectors: HalfMatrix

    /// How many floats a vector has: 256.
    public var dimensions: Int { vectors.columns }

    /// - Parameter directory: contains the two files of the model, as `scripts/fetch-embedding-model.sh` stores them.
    public init(directory: String) throws(EmbeddingError) {
        tokenizer = try Tokenizer(path: "\(directory)/\(Self.tokenizerFile)")
        let weights = "\(directory)/\(Self.weightsFile)"
        vectors = try Safetensors(mapping: weights).matrix("embedding.weight")
        guard vectors.rows >= tokenizer.vocabularySize else {
            throw .malformed(
                file: weights, reason: "it has \(vectors.rows) vectors for \(tokenizer.vocabularySize) tokens")
        }
    }

    /// The vector of a text: `dimensions` floats of unit length.
    ///
    /// An empty text has no direction: its vector is all zeros, and its cosine with every vector is 0.
    public func embed(_ text: String) -> [Float] {
        var vector = vectors.sum(of: tokenizer.ids(of: text))
        // The mean differs from the sum by a factor, which the normalization removes.
        let length = vector.reduce(into: Float(0)) { $0 += $1 * $1 }.squareRoot()
        guard length > 0 else { return vector }
        for index in vector.indices { vector[index] /= length }
        return vector
    }

    /// How many tokens the model sees in a text; 0 for an empty one.
    public func tokenCount(_ text: String) -> Int {
        tokenizer.ids(of: text).count
    }
}
