internal import Glibc
internal import Foundation
public import Logging

/// Where log lines go: standard error, one line a record.
public enum Logs {
    /// Installs the handler for every `Logger` of the process. Once, before the first is made.
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
            LineLogHandler(label: label, level: level, style: style) { writeToStandardError($0) }
        }
    }

    /// The same by the settings.
    public static func bootstrap(_ settings: Settings) throws(SettingsError) {
        bootstrap(level: try settings[.logLevel], format: try settings[.logFormat])
    }
}

/// Hands each record as one line to `write`.
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

/// One write a line, so that lines of several threads and processes do not mix; what can't be written is lost.
private func writeToStandardError(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            return
        }
        rest = rest.dropFirst(count)
    }
}
