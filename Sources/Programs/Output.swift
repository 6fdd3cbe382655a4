internal import Glibc
internal import Synchronization

/// Results go to standard output, everything else to standard error. A command whose standard output can no longer be
/// written ends with 1, or as by SIGPIPE if the reader has gone away.
package enum Output {
    /// The name of the program, which precedes its errors.
    package static let program = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "packhorse"

    /// Writes a line of the result.
    package static func line(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a note that is not part of the result.
    package static func note(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes one line, which may contain text from a failed job.
    package static func error(_ text: String) {
        note("\(program): " + plain(text.split(whereSeparator: \.isNewline).joined(separator: " ")))
    }

    /// Text from outside, without characters that control a terminal.
    package static func plain(_ text: some StringProtocol) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// Standard output can no longer be written.
    private static let isBroken = Atomic<Bool>(false)

    private static func write(_ text: String, to file: Int32) {
        // SIGPIPE would end the process before everything else is closed.
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
        // If the reader has gone away, SIGPIPE ends the command.
        if code == EPIPE { return ExitSignals.end(with: 128 + SIGPIPE) }
        error("cannot write to standard output: \(String(cString: strerror(code)))")
        ExitSignals.end(with: 1)
    }
}
