/// Why a document could not be ingested. Each case calls for a different reaction.
public enum IngestionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nothing exists at this path.
    case notFound(path: String)
    /// The path, with its links followed, is outside the directory of documents.
    case outsideRoot(path: String, root: String)
    /// A directory, device, pipe or socket.
    case notAFile(path: String)
    /// The file is empty.
    case emptyFile(path: String)
    /// Neither the extension nor the content is of a supported kind.
    case unknownKind(path: String, reason: String)
    /// The extension says one kind, the content is another.
    case kindMismatch(path: String, promised: DocumentKind, found: String)
    /// More of something than `IngestionLimits` allows.
    case tooLarge(path: String, what: String, found: Int, limit: Int)
    /// The document cannot be opened without its password.
    case encrypted(path: String)
    /// The file is not a valid document of its kind.
    case damaged(path: String, reason: String)
    /// None of its pages could be read.
    case unreadable(path: String, reason: String)
    /// A program is not installed.
    case toolMissing(program: String, package: String)
    /// A program ended with an error; `message` is the beginning of its error text.
    case toolFailed(program: String, status: Int, message: String)
    /// A program was killed from outside, as the kernel does when memory is short.
    case toolKilled(program: String, signal: Int)
    /// A program did not finish within its time.
    case toolTimedOut(program: String, seconds: Int)
    /// A program wrote more than its limit.
    case toolOutputTooLarge(program: String, limit: Int)
    /// A program needs more memory for the document than its limit, in bytes.
    case toolOutOfMemory(program: String, limit: Int)
    /// The machine refused something: a temporary directory, a process, a read.
    case machine(reason: String)
    /// The embedder did not return one vector for each text.
    case embedder(reason: String)
    /// The store has vectors of another model, which are not comparable with these.
    case otherModel(stored: String, ours: String)
    /// The store could not do what was requested; `busy` if another process held it too long.
    case store(reason: String, busy: Bool)

    /// Whether the same call may succeed later without a change by a person.
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
            "\(path) is outside \(root), the only directory that documents are read from"
        case .notAFile(let path): "\(path) is not a regular file"
        case .emptyFile(let path): "\(path) is empty"
        case .unknownKind(let path, let reason):
            "\(path) is not a PDF, PNG, JPEG, Markdown or plain text file: \(reason)"
        case .kindMismatch(let path, let promised, let found):
            "\(path) is named like \(promised.label), but its content is \(found): rename it if it is the right file"
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
            "\(program) needs more memory for the document than the limit of \(limit) bytes"
        case .machine(let reason): reason
        case .embedder(let reason): "the embedder failed: \(reason)"
        case .otherModel(let stored, let ours):
            "the store has vectors of the model \(stored), these are of \(ours): use another store file"
        case .store(let reason, let busy): "document store\(busy ? " (busy)" : ""): \(reason)"
        }
    }
}
