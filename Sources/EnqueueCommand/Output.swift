internal import Foundation
internal import Glibc
internal import Queue
internal import Synchronization

/// Results go to standard output, all else to standard error.
enum Output {
    static func line(_ text: String) { write(text, to: STDOUT_FILENO) }

    static func line(_ json: [UInt8]) { line(String(decoding: json, as: UTF8.self)) }

    static func json(_ value: some Encodable) {
        // Strings, numbers and flags alone can always be written.
        if let json = try? JSONText.value(value) { line(json) }
    }

    /// Something to know that is no result.
    static func note(_ text: String) { write(text, to: STDERR_FILENO) }

    /// One line, which may hold what a job said of its failure.
    static func error(_ text: String) {
        note("enqueue: " + Terminal.plain(text.split(whereSeparator: \.isNewline).joined(separator: " ")))
    }

    /// Standard output takes nothing any more.
    private static let isBroken = Atomic<Bool>(false)

    private static func write(_ text: String, to file: Int32) {
        // SIGPIPE would end the process before the rest is put away.
        if file == STDOUT_FILENO, isBroken.load(ordering: .relaxed) { return }
        var rest = Array((text + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return fail(file, errno)
            }
        }
    }

    private static func fail(_ file: Int32, _ code: Int32) {
        guard file == STDOUT_FILENO, !isBroken.exchange(true, ordering: .relaxed) else { return }
        // Where the reader has gone, SIGPIPE ends the command.
        if code == EPIPE { return ExitSignals.end(with: 128 + SIGPIPE) }
        error("cannot write to standard output: \(String(cString: strerror(code)))")
        ExitSignals.end(with: 1)
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
