/// What is wrong in the environment. Secrets are never included.
public enum SettingsError: Error, Sendable, Equatable {
    /// The value is not valid; `found` is nil for a secret.
    case wrong(name: String, found: String?, wanted: String)
    /// The file that a `_FILE` variable names can't be read.
    case unreadable(name: String, path: String, reason: String)
    /// A secret is set twice: directly and as a file.
    case both(name: String)
    /// A secret still has the text of an example.
    case placeholder(name: String)
    /// The executable reads a variable that is not in its table.
    case unlisted(name: String)

    /// The name of the variable.
    public var name: String {
        switch self {
        case .wrong(let name, _, _), .unreadable(let name, _, _), .both(let name), .placeholder(let name),
            .unlisted(let name):
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
            "\(name) names \(path), which can't be read: \(reason). Name a readable file that is not empty."
        case .both(let name): "\(name) and \(name)_FILE are both set. Keep one of them."
        case .unlisted(let name):
            "\(name) is read, but this executable does not list it. Add its row to the settings of WorkerMain.run."
        case .placeholder(let name): "\(name) still holds a placeholder. Set it to your own secret."
        }
    }
}
