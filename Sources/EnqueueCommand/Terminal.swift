internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// What can be done if a person uses the terminal.
enum Terminal {
    static func isOne(_ file: FileHandle) -> Bool { isatty(file.fileDescriptor) == 1 }

    static func write(_ text: String, to file: FileHandle) {
        // A terminal that has gone away needs no more drawing.
        try? file.write(contentsOf: Data(text.utf8))
    }

    /// The number of rows, 24 if the terminal doesn't report it.
    static var rows: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 24
    }
}

/// Reads single keys while it lives, including Ctrl-C, and restores the terminal afterwards, even if a signal ends the
/// process.
final class Keys {
    /// The original state of the terminal; nil without one.
    nonisolated(unsafe) private static var before: termios?  // written before the handlers that read it are there
    nonisolated(unsafe) private static var handler: sighandler_t? = SIG_DFL  // as `before`
    private static let signals = [SIGTERM, SIGHUP]

    /// Keys arrive at once and are not shown. Without a terminal it does nothing.
    init() {
        var mode = termios()
        guard tcgetattr(STDIN_FILENO, &mode) == 0 else { return }
        Self.before = mode
        for number in Self.signals {
            // All that a handler may do: POSIX lists tcsetattr, signal and kill as safe.
            Self.handler = signal(number) { number in
                Keys.giveBack()
                signal(number, Keys.handler)
                kill(getpid(), number)
            }
        }
        mode.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSANOW, &mode)
    }

    private static func giveBack() {
        guard var mode = before else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &mode)
    }

    /// Whether `q` or Ctrl-C was pressed since the last call. Does not wait.
    var sayQuit: Bool {
        guard Self.before != nil else { return false }
        var asked = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        var found = false
        while poll(&asked, 1, 0) > 0, asked.revents & Int16(POLLIN) != 0 {
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 1 else { break }
            found = found || byte == UInt8(ascii: "q") || byte == 3
        }
        return found
    }

    deinit {
        Self.giveBack()
        for number in Self.signals where Self.before != nil { signal(number, Self.handler) }
    }
}
