public import Logging

/// The format of log lines.
public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object per line.
    case json
    /// Text for people to read.
    case text
}

/// The lowest level of log lines that are written.
public typealias LogLevel = Logger.Level

extension Logger.Level {
    /// All levels, in order, as the settings name them.
    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
