/// Why a document could not be taken in. Each case is a different thing to do for whoever reads it.
public enum IngestionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nothing is there under this path.
    case notFound(path: String)
    /// The path, followed through its links, lies outside the directory that documents may come from.
    case outsideRoot(path: String, root: String)
    /// A directory, device, pipe or socket.
    case notAFile(path: String)
    /// The file has no bytes.
    case emptyFile(path: String)
    /// Neither the extension nor the content is of a kind that is read here.
    case unknownKind(path: String, reason: String)
    /// The extension promises one kind, the content is another.
    case kindMismatch(path: String, promised: DocumentKind, found: String)
    /// More of something than `IngestionLimits` allows.
    case tooLarge(path: String, what: String, found: Int, limit: Int)
    /// The document cannot be opened without its password.
    case encrypted(path: String)
    /// The file is not a sound document of its kind.
    case damaged(path: String, reason: String)
    /// Not one page could be read.
    case unreadable(path: String, reason: String)
    /// A program is not installed.
    case toolMissing(program: String, package: String)
    /// A program ended with an error; `message` is the start of what it said.
    case toolFailed(program: String, status: Int, message: String)
    /// A program was ended from outside, as the kernel does when memory is short.
    case toolKilled(program: String, signal: Int)
    /// A program did not finish within its time.
    case toolTimedOut(program: String, seconds: Int)
    /// A program wrote more than it was allowed to.
    case toolOutputTooLarge(program: String, limit: Int)
    /// A program needs more bytes of memory for the document than it was allowed to have.
    case toolOutOfMemory(program: String, limit: Int)
    /// The machine refused something to us: a temporary directory, a process, a read.
    case machine(reason: String)
    /// The embedder did not give one vector for each text.
    case embedder(reason: String)
    /// The store keeps vectors of another model, which do not compare with ours.
    case otherModel(stored: String, ours: String)
    /// The store could not do what it was asked; `busy` when another process held it too long.
    case store(reason: String, busy: Bool)

    /// Whether the same call may succeed later with nothing changed by a person.
    public var isRetryable: Bool {
        switch self {
        case .toolKilled, .toolTimedOut, .machine, .store(_, busy: true): true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .notFound(let path): "no file at \(path)"
        case .outsideRoot(let path, let root):
            "\(path) lies outside \(root), the only directory that documents are read from"
        case .notAFile(let path): "\(path) is not an ordinary file"
        case .emptyFile(let path): "\(path) is empty"
        case .unknownKind(let path, let reason):
            "\(path) is not a PDF, PNG, JPEG, Markdown or plain text file: \(reason)"
        case .kindMismatch(let path, let promised, let found):
            "\(path) is named like \(promised.label), but its content is \(found): rename it if it is what you meant"
        case .tooLarge(let path, let what, let found, let limit):
            "\(path) has \(found) \(what), more than the limit of \(limit)"
        case .encrypted(let path): "\(path) needs a password to open: remove the password and add it again"
        case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
        case .unreadable(let path, let reason): "no page of \(path) could be read: \(reason)"
        case .toolMissing(let program, let package):
            "the program \(program) is not installed: apt-get install \(package)"
        case .toolFailed(let program, let status, let message):
            "\(program) failed with exit status \(status): \(message.isEmpty ? "it gave no reason" : message)"
        case .toolKilled(let program, let signal):
            "\(program) was ended by signal \(signal)\(signal == 9 ? ", as happens when memory is short" : "")"
        case .toolTimedOut(let program, let seconds): "\(program) did not finish within \(seconds) s"
        case .toolOutputTooLarge(let program, let limit): "\(program) wrote more than \(limit) bytes"
        case .toolOutOfMemory(let program, let limit):
            "\(program) needs more memory for it than the limit of \(limit) bytes"
        case .machine(let reason): reason
        case .embedder(let reason): "the embedder is at fault: \(reason)"
        case .otherModel(let stored, let ours):
            "the store keeps vectors of the model \(stored), these are of \(ours): use another store file"
        case .store(let reason, let busy): "document store\(busy ? " (busy)" : ""): \(reason)"
        }
    }
}
