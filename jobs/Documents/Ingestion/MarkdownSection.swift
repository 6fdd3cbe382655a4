/// A part of Markdown under one heading, including the heading line.
struct MarkdownSection: Equatable {
    /// In code points of the text.
    var range: Range<Int>
    /// The headings above it; its own heading is the last.
    var headings: [String] = []

    /// The sections of a text: together they cover it without gaps or overlaps. Only lines with one to six `#` are
    /// headings; those inside a fenced code block are code.
    static func sections(of text: [Unicode.Scalar]) -> [MarkdownSection] {
        var sections: [MarkdownSection] = []
        var current = MarkdownSection(range: 0..<0)
        var path: [(level: Int, title: String)] = []
        var fence: (mark: Unicode.Scalar, count: Int)?
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: "\n").map { $0 + 1 } ?? text.count
            let line = text[start..<end]
            if let opened = fence {
                if let mark = Self.fence(of: line), mark.mark == opened.mark, mark.count >= opened.count { fence = nil }
            } else if let mark = Self.fence(of: line) {
                fence = mark
            } else if let heading = Self.heading(of: line) {
                if !current.range.isEmpty { sections.append(current) }
                path.removeAll { $0.level >= heading.level }
                path.append(heading)
                current = MarkdownSection(range: start..<start, headings: path.map(\.title))
            }
            current.range = current.range.lowerBound..<end
            start = end
        }
        if !current.range.isEmpty { sections.append(current) }
        return sections
    }

    private static func heading(of line: ArraySlice<Unicode.Scalar>) -> (level: Int, title: String)? {
        let body = Self.withoutIndent(line)
        let level = body.prefix { $0 == "#" }.count
        let rest = body.dropFirst(level)
        guard 1...6 ~= level, rest.first?.properties.isWhitespace ?? true else { return nil }
        var title = rest.drop { $0.properties.isWhitespace }
        while title.last?.properties.isWhitespace == true { title.removeLast() }
        // A closing row of # is decoration if a blank precedes it.
        let closing = title.reversed().prefix { $0 == "#" }.count
        if closing > 0, closing == title.count || title.dropLast(closing).last?.properties.isWhitespace == true {
            title = title.dropLast(closing)
            while title.last?.properties.isWhitespace == true { title.removeLast() }
        }
        return (level, String(scalars: title))
    }

    /// Three or more backticks or tildes.
    private static func fence(of line: ArraySlice<Unicode.Scalar>) -> (mark: Unicode.Scalar, count: Int)? {
        let body = Self.withoutIndent(line)
        guard let mark = body.first, mark == "`" || mark == "~" else { return nil }
        let count = body.prefix { $0 == mark }.count
        return count >= 3 ? (mark, count) : nil
    }

    /// Up to three blanks before a mark have no effect; four make it code.
    private static func withoutIndent(_ line: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        line.dropFirst(min(3, line.prefix { $0 == " " }.count))
    }
}
