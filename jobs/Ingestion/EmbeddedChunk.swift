/// A chunk with its vector, on its way into the store.
public struct EmbeddedChunk: Sendable, Equatable {
    public var chunk: Chunk
    /// Of unit length, or all zeros for a text without a direction.
    public var vector: [Float]

    public init(chunk: Chunk, vector: [Float]) {
        self.chunk = chunk
        self.vector = vector
    }
}
