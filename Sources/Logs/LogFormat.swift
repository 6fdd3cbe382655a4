public import Logging

/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line.
    case json
    /// For people.
    case text
}

/// From which level on log lines are written.
public typealias LogLevel = Logger.Level

extension Logger.Level {
    /// All levels, in order, as the settings name them.
    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
