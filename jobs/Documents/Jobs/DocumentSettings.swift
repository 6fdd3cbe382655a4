public import Settings

/// The variables that only the document jobs read: an executable that lists these jobs passes the rows to its worker.
public enum DocumentSettings {
    /// In the order of docs/settings.md.
    public static let rows: [any SettingsRow] = [Setting<String>.documents, Setting<String>.models]
}

extension Setting where Value == String {
    /// `PACKHORSE_DOCUMENTS`: a path, the working directory by default.
    public static let documents = path(
        "PACKHORSE_DOCUMENTS", default: ".", "The folder in which all documents must be.")
    /// `PACKHORSE_MODELS`: a path, `./.models` by default.
    public static let models = path(
        "PACKHORSE_MODELS", default: "./.models", "The folder of the embedding model.")
}
