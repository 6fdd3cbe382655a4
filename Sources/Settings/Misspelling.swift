/// Suggests the name that somebody may have meant who wrote one that does not exist.
package enum Misspelling {
    /// - Parameters:
    ///   - names: the existing names.
    ///   - limit: how many letters may be inserted, removed or changed.
    /// - Returns: the nearest one, nil if none is near.
    package static func nearest(to word: String, among names: [String], within limit: Int = 2) -> String? {
        let near = names.map { (name: $0, steps: editDistance($0, word)) }.min { $0.steps < $1.steps }
        guard let near, near.steps <= limit, near.steps < max(word.utf8.count, 2) else { return nil }
        return near.name
    }

    /// The error for a word in the place of a command; nil if it is a command.
    ///
    /// - Parameters:
    ///   - program: with the commands before the word, such as `worker config`.
    ///   - commands: the commands that are possible there.
    package static func complaint(of word: String, after program: String, commands: [String]) -> String? {
        guard !commands.contains(word), word != "help" else { return nil }
        let hint = nearest(to: word, among: commands).map { " Do you mean '\(program) \($0)'?" } ?? ""
        return "'\(program)' has no command '\(word.prefix(40))'.\(hint) See '\(program) --help'."
    }
}

/// How many letters must be inserted, removed or changed to turn one word into the other (Levenshtein).
func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var row = Array(0...b.count)
    for i in a.indices {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let above = row[j + 1]
            row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
            diagonal = above
        }
    }
    return row[b.count]
}
