internal import Glibc
internal import Synchronization

/// Results go to standard output, all else to standard error. A command whose standard output takes nothing any more ends
/// with 1, or as SIGPIPE would end it where the reader has gone.
package enum Output {
    /// What the program is called, before its errors.
    package static let program = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "packhorse"

    /// Writes a line of the result.
    package static func line(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Something to know that is no result.
    package static func note(_ text: String) { write(text, to: STDERR_FILENO) }

    /// One line, which may hold what a job said of its failure.
    package static func error(_ text: String) {
        note("\(program): " + plain(text.split(whereSeparator: \.isNewline).joined(separator: " ")))
    }

    /// Text from outside, without what a terminal would obey.
    package static func plain(_ text: some StringProtocol) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
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
