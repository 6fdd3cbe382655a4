/// What is wrong in the environment. No secret is ever repeated.
public enum SettingsError: Error, Sendable, Equatable {
    /// The value can't be; `found` is nil for a secret.
    case wrong(name: String, found: String?, wanted: String)
    /// The file that a `_FILE` variable names can't be read.
    case unreadable(name: String, path: String, reason: String)
    /// A secret is given twice: as itself and as a file.
    case both(name: String)
    /// The text of an example was left in a secret.
    case placeholder(name: String)
    /// An argument or variable is not UTF-8; `repaired` has U+FFFD for each wrong byte, nil for what may be secret.
    case notUTF8(name: String, repaired: String?)

    /// The variable that has to change.
    public var name: String {
        switch self {
        case .wrong(let name, _, _), .unreadable(let name, _, _), .both(let name), .placeholder(let name),
            .notUTF8(let name, _):
            name
        }
    }
}

extension SettingsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wrong(let name, nil, let wanted): "\(name) is wrong: \(wanted)"
        case .wrong(let name, let found?, let wanted): "\(name) is '\(found.prefix(200))'. Allowed: \(wanted)."
        case .unreadable(let name, let path, let reason):
            "\(name) names \(path), which can't be read: \(reason). Give it a readable file that is not empty."
        case .both(let name): "\(name) and \(name)_FILE are both set. Keep one of them."
        case .notUTF8(let name, let repaired):
            "\(name) is not UTF-8\(repaired.map { ": '\($0.prefix(200))'" } ?? ""). Give it in UTF-8."
        case .placeholder(let name): "\(name) still holds a placeholder. Give it a secret of your own."
        }
    }
}
