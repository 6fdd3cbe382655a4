/// Why a model could not be loaded. Embedding itself never fails.
public enum EmbeddingError: Error, Equatable, CustomStringConvertible {
    /// The file does not exist or is not readable.
    case missing(file: String, reason: String)
    /// The file exists, but is damaged or of another kind: fetch it again.
    case malformed(file: String, reason: String)
    /// The file is valid, but needs something that this embedder does not support.
    case unsupported(file: String, reason: String)

    public var description: String {
        switch self {
        case .missing(let file, let reason):
            "cannot read the embedding model file \(file): \(reason); `make setup` fetches it"
        case .malformed(let file, let reason):
            "the embedding model file \(file) is damaged: \(reason); delete it and run `make setup`"
        case .unsupported(let file, let reason):
            "the embedding model file \(file) is of an unsupported kind: \(reason)"
        }
    }
}
