/// Turns texts into vectors that are close by cosine if the texts have similar meanings.
public protocol Embedder: Sendable {
    /// The name of the model, which a store keeps with its vectors: vectors of different models are not comparable.
    var model: String { get }
    /// The number of floats in each vector, at least 1.
    var dimensions: Int { get }

    /// The number of tokens that the model sees in a text; 0 for an empty one. For a remote model it may be an
    /// estimate: it decides how texts are cut. It is called for every sentence, on a thread outside the task pool: it
    /// may compute, but must not wait.
    func tokenCount(_ text: String) -> Int

    /// The vectors of the texts, in order: `dimensions` floats each, with unit length, or all zeros for a text without
    /// a direction.
    ///
    /// - Parameter texts: at most some hundreds. A caller with more texts calls it several times.
    /// - Throws: an error that affects all texts; `CancellationError` if the task was cancelled.
    func embed(_ texts: [String]) async throws -> [[Float]]
}
