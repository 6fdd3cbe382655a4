/// Texts from examples and templates, which are not secrets.
enum Placeholder {
    private static let words: Set<String> = ["changeme", "change-me", "change_me", "replaceme", "replace-me", "todo"]

    /// Whether the whole text, or the password of a URL, is a placeholder.
    static func isIn(_ text: String) -> Bool {
        if isOne(text) { return true }
        guard let scheme = text.firstRange(of: "://") else { return false }
        let rest = text[scheme.upperBound...]
        guard let at = rest.lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") else { return false }
        return isOne(rest[rest.index(after: colon)..<at])
    }

    private static func isOne(_ text: some StringProtocol) -> Bool {
        words.contains(text.lowercased()) || (text.count > 2 && text.hasPrefix("<") && text.hasSuffix(">"))
    }
}
