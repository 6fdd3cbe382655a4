internal import Glibc
internal import Foundation
public import Logging
internal import Synchronization

/// Where log lines go: standard error, one line per record.
public enum Logs {
    /// Installs the handler for every `Logger` of the process. Call it once, before the first logger is made.
    ///
    /// - Parameter format: nil for text on a terminal and JSON elsewhere.
    public static func bootstrap(level: LogLevel, format: LogFormat? = nil) {
        let terminal = isatty(STDERR_FILENO) == 1
        let plain = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        let style: LogLine.Style =
            switch format ?? (terminal ? .text : .json) {
            case .json: .json
            case .text: .text(coloured: terminal && !plain)
            }
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, level: level, style: style) { StandardError.write($0) }
        }
    }
}

/// Passes each record as one line to `write`.
struct LineLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let style: LogLine.Style
    private let write: @Sendable ([UInt8]) -> Void

    init(label: String, level: Logger.Level, style: LogLine.Style, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.label = label
        logLevel = level
        self.style = style
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var facts = metadata
        if let provided = metadataProvider?.get() { facts.merge(provided) { _, new in new } }
        if let given = event.metadata { facts.merge(given) { _, new in new } }
        if let error = event.error { facts["error"] = "\(error)" }
        let line = LogLine(level: event.level, label: label, message: "\(event.message)", facts: facts)
        write(line.bytes(style, at: .now))
    }
}

/// Standard error, one line after the other. A reader that stalls (a pager, Ctrl-S, a log driver that hangs) must not
/// stop the process. A line waits at most a second for the reader, the lines behind it do not wait at all, and what
/// can't be written is lost.
private enum StandardError {
    /// A pipe that is writable takes this many bytes at once.
    private static let piece = 4096
    private static let patience: Int32 = 1000
    /// Whether the last line was lost.
    private static let isStuck = Mutex(false)

    static func write(_ bytes: [UInt8]) {
        isStuck.withLock { isStuck in
            var rest = bytes[...]
            while !rest.isEmpty {
                var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                let ready = poll(&entry, 1, isStuck ? 0 : patience)
                if ready < 0, errno == EINTR { continue }
                isStuck = ready == 0
                if isStuck { return }
                let count = rest.prefix(piece).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno != EINTR { return }
                rest = rest.dropFirst(max(0, count))
            }
        }
    }
}
