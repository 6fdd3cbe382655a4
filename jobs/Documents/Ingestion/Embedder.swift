/// What turns texts into vectors that lie close by cosine when the texts mean like things.
public protocol Embedder: Sendable {
    /// Names the model, for a store to keep beside its vectors: vectors of different models do not compare.
    var model: String { get }
    /// How many floats each vector has, at least 1.
    var dimensions: Int { get }

    /// How many tokens the model sees in a text; 0 for an empty one. A model out of reach may estimate: it decides how
    /// texts are cut. Called for every sentence, on a thread outside the task pool: it may compute, and may not wait.
    func tokenCount(_ text: String) -> Int

    /// The vectors of the texts, in their order: `dimensions` floats each, of unit length, or all zeros for a text
    /// without a direction.
    ///
    /// - Parameter texts: at most some hundreds. A caller with more calls several times.
    /// - Throws: what hinders all of them; `CancellationError` when the task was cancelled.
    func embed(_ texts: [String]) async throws -> [[Float]]
}
