package import ArgumentParser
internal import Settings

extension ParsableCommand {
    /// The error for the command that the first words name; nil if it exists.
    package static func mistypedCommand(_ words: ArraySlice<String>, after program: String) -> String? {
        let subcommands = configuration.subcommands
        guard !subcommands.isEmpty, let word = words.first, !word.hasPrefix("-") else { return nil }
        let names = subcommands.compactMap { $0.configuration.commandName }
        if let complaint = Misspelling.complaint(of: word, after: program, commands: names) { return complaint }
        let next = subcommands.first { $0.configuration.commandName == word }
        return next?.mistypedCommand(words.dropFirst(), after: "\(program) \(word)")
    }

    /// The parser's error for arguments that it refuses, and where to read more, such as `See 'enqueue add --help'.`
    package static func complaint(for error: any Error) -> String {
        "\(message(for: error).sentence) \(hint(for: error))"
    }

    /// Taken from the parser's own text, which knows the subcommand.
    private static func hint(for error: any Error) -> String {
        let lines = fullMessage(for: error).split(separator: "\n")
        guard let line = lines.last(where: { $0.contains("--help'") }),
            let start = line.firstIndex(of: "'"), let end = line.lastIndex(of: "'"), start < end
        else { return "See '\(Output.program) --help'." }
        return "See \(line[start...end])."
    }
}

extension String {
    /// With a full stop at the end.
    package var sentence: String { hasSuffix(".") ? self : self + "." }
}
