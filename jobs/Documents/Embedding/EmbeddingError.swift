/// Why a model could not be loaded. Embedding itself never fails.
public enum EmbeddingError: Error, Equatable, CustomStringConvertible {
    /// The file is not there or may not be read.
    case missing(file: String, reason: String)
    /// The file is there, but is damaged or not of its kind: fetch it again.
    case malformed(file: String, reason: String)
    /// The file is sound, but asks for something that this embedder does not do.
    case unsupported(file: String, reason: String)

    public var description: String {
        switch self {
        case .missing(let file, let reason):
            "cannot read the embedding model file \(file): \(reason); `make setup` fetches it"
        case .malformed(let file, let reason):
            "the embedding model file \(file) is damaged: \(reason); delete it and run `make setup`"
        case .unsupported(let file, let reason):
            "the embedding model file \(file) is of a kind not known here: \(reason)"
        }
    }
}
