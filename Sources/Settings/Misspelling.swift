/// What somebody may have meant who wrote a name that does not exist.
public enum Misspelling {
    /// - Parameter names: those that do exist.
    /// - Returns: the nearest one, nil when none is near.
    public static func nearest(to word: String, among names: [String]) -> String? {
        let near = names.map { (name: $0, steps: editDistance($0, word)) }.min { $0.steps < $1.steps }
        guard let near, near.steps <= 2, near.steps < max(word.utf8.count, 2) else { return nil }
        return near.name
    }

    /// What to say of a word that stands where a command should be; nil if it is one.
    ///
    /// - Parameters:
    ///   - program: with the commands before the word, such as `worker config`.
    ///   - commands: those that could stand there.
    public static func complaint(of word: String, after program: String, commands: [String]) -> String? {
        guard !commands.contains(word), word != "help" else { return nil }
        let hint = nearest(to: word, among: commands).map { " Do you mean '\(program) \($0)'?" } ?? ""
        return "'\(program)' has no command '\(word.prefix(40))'.\(hint) See '\(program) --help'."
    }
}
