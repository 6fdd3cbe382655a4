/// A chunk with its vector, on its way into the store.
public struct EmbeddedChunk: Sendable, Equatable {
    /// What the vector stands for: its text under its headings.
    public var chunk: Chunk
    /// Of unit length, or all zeros for a text without a direction.
    public var vector: [Float]

    /// Takes the fields as they are; nothing is checked.
    public init(chunk: Chunk, vector: [Float]) {
        self.chunk = chunk
        self.vector = vector
    }
}
