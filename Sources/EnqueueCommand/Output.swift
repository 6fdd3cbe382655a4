internal import Foundation

/// Results go to standard output, all else to standard error.
enum Output {
    static func line(_ text: String) { write(text, to: .standardOutput) }

    static func line(_ json: [UInt8]) { line(String(decoding: json, as: UTF8.self)) }

    static func json(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, numbers and flags alone can always be written.
        if let json = try? encoder.encode(value) { line(Array(json)) }
    }

    /// Something to know that is no result.
    static func note(_ text: String) { write(text, to: .standardError) }

    /// One line, which may hold what a job said of its failure.
    static func error(_ text: String) {
        note("enqueue: " + Terminal.plain(text.split(whereSeparator: \.isNewline).joined(separator: " ")))
    }

    private static func write(_ text: String, to file: FileHandle) {
        // A reader that has gone away ends the process by SIGPIPE before this can fail.
        do {
            try file.write(contentsOf: Data((text + "\n").utf8))
        } catch {
            guard file === FileHandle.standardOutput else { return }
            Self.error("cannot write to standard output: \(error.localizedDescription)")
            exit(1)
        }
    }
}

/// Columns of equal width, numbers to the right.
struct Table {
    private var rows: [[String]] = []

    init(_ heading: String...) { rows.append(heading) }

    mutating func row(_ cells: String...) { rows.append(cells) }

    var lines: [String] {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { i in rows.map { $0[i].count }.max() ?? 0 }
        let numeric = (0..<columns).map { i in rows.dropFirst().allSatisfy { $0[i].first?.isNumber ?? true } && i > 0 }
        return rows.map { row in
            zip(row.indices, row).map { i, cell in
                let space = String(repeating: " ", count: widths[i] - cell.count)
                return numeric[i] ? space + cell : cell + (i == columns - 1 ? "" : space)
            }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }
}
