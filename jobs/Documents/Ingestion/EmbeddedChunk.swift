/// A chunk with its vector, to be stored.
public struct EmbeddedChunk: Sendable, Equatable {
    /// The chunk whose text under its headings has this vector.
    public var chunk: Chunk
    /// With unit length, or all zeros for a text without a direction.
    public var vector: [Float]

    /// Takes the fields as they are, without checks.
    public init(chunk: Chunk, vector: [Float]) {
        self.chunk = chunk
        self.vector = vector
    }
}
