internal import Configuration
internal import Foundation
public import Queue
public import PackhorseRedis
internal import Secrets

/// The environment; this is the only place where it is read.
///
/// ```swift
/// let settings = Settings()
/// let jobsAtOnce = try settings[.concurrency]
/// ```
/// Only the rows of its table are read; docs/settings.md and `config check` show them. An empty variable counts as
/// unset. A secret can also be given as a file, named by the variable with the suffix `_FILE`.
public struct Settings: Sendable {
    /// The rows of the executable.
    public let table: SettingsTable
    let reader: ConfigReader
    /// The names of all variables that are set, for the report of unknown ones.
    let names: [String]

    /// The environment of this process.
    public init(_ table: SettingsTable = .core) {
        self.init(environment: ProcessInfo.processInfo.environment, table)
    }

    /// An environment given by the caller: the texts of variables by name. The environment of the process is not read.
    public init(environment: [String: String], _ table: SettingsTable = .core) {
        self.table = table
        let secrets = Set(table.rows.filter(\.isSecret).map(\.name))
        reader = ConfigReader(
            provider: EnvironmentVariablesProvider(
                environmentVariables: environment, secretsSpecifier: .specific(secrets)))
        names = environment.keys.sorted()
    }

    /// The value of one setting.
    ///
    /// - Throws: `SettingsError` if the environment has an invalid value for it, or the table has no such row.
    public subscript<Value>(setting: Setting<Value>) -> Value {
        get throws(SettingsError) {
            guard let found = try text(of: setting) else {
                switch setting.fallback {
                case .text(let text): return try setting.value(text)
                case .value(let value, _): return value
                }
            }
            return try setting.value(found.text)
        }
    }

    /// The URL of Redis; nil if the embedded one is to be used.
    public func redisURL() throws(SettingsError) -> RedisURL? { try self[.redisURL] }

    /// How long ended jobs are kept.
    public func retention() throws(SettingsError) -> Retention {
        Retention(
            age: try self[.retainAge], bytes: try self[.retainBytes], deadAge: try self[.retainDeadAge],
            deadBytes: try self[.retainDeadBytes])
    }

    /// The text that is set for a row and its source; nil if there is none.
    func text(of row: any SettingsRow) throws(SettingsError) -> (text: String, source: Source)? {
        guard table.has(row.name) else { throw .unlisted(name: row.name) }
        let plain = variable(row.name, isSecret: row.isSecret)
        guard row.isSecret, let path = variable(row.name + "_FILE", isSecret: false) else {
            guard let plain else { return nil }
            try refuse(placeholder: plain, in: row)
            return (plain, .environment)
        }
        guard plain == nil else { throw .both(name: row.name) }
        let text: String
        do throws(UnreadableSecret) {
            text = try SecretFile.read(path)
        } catch {
            throw .unreadable(name: row.name + "_FILE", path: path, reason: error.reason)
        }
        try refuse(placeholder: text, in: row)
        return (text, .file(path))
    }

    private func variable(_ name: String, isSecret: Bool) -> String? {
        let key = ConfigKey(name.split(separator: "_").map { $0.lowercased() })
        guard let text = reader.string(forKey: key, isSecret: isSecret), !text.isEmpty else { return nil }
        return text
    }

    private func refuse(placeholder text: String, in row: any SettingsRow) throws(SettingsError) {
        if row.isSecret, Placeholder.isIn(text) { throw .placeholder(name: row.name) }
    }

    /// Where a value came from.
    public enum Source: Sendable, Equatable, CustomStringConvertible {
        /// The variable itself.
        case environment
        /// The file at this path, which the variable with `_FILE` names.
        case file(String)
        /// The table's default.
        case standard

        public var description: String {
            switch self {
            case .environment: "environment"
            case .file(let path): "file \(path)"
            case .standard: "default"
            }
        }
    }
}
