internal import Queue

/// What `config check` shows: every setting, what is wrong, and likely misspellings.
public struct SettingsReport: Sendable, Encodable {
    /// One setting in this environment.
    public struct Row: Sendable, Encodable {
        /// The name of the environment variable.
        public let name: String
        /// Masked for a secret; nil when it is wrong.
        public let value: String?
        /// `environment`, `file PATH` or `default`.
        public let source: String?
    }

    /// One row per setting, in the order of the table.
    public let settings: [Row]
    /// What is wrong, one text for each row without a value; without secrets.
    public private(set) var errors: [String]
    /// Variables that nothing reads and that start with `PACKHORSE_` or resemble a known one, one text each.
    public private(set) var warnings: [String]

    /// Adds what a check of Redis has found.
    public mutating func add(_ text: String, isError: Bool) {
        if isError { errors.append(text) } else { warnings.append(text) }
    }
}

extension Settings {
    /// Reads every row of the table.
    public func report() -> SettingsReport {
        var rows: [SettingsReport.Row] = []
        var errors: [String] = []
        for row in table.rows {
            do throws(SettingsError) {
                let found = try text(of: row)
                if let found { try row.check(found.text) }
                rows.append(
                    SettingsReport.Row(
                        name: row.name, value: found.map { row.show($0.text) } ?? row.standard,
                        source: "\(found?.source ?? .standard)"))
            } catch {
                rows.append(SettingsReport.Row(name: row.name, value: nil, source: nil))
                errors.append(error.description)
            }
        }
        return SettingsReport(settings: rows, errors: errors, warnings: unknown)
    }

    /// Variables that nothing reads and that start with `PACKHORSE_`, or differ from a known one by one or two letters.
    private var unknown: [String] {
        let known = table.names
        return names.filter { !known.contains($0) }.compactMap { name in
            let isOurs = name.hasPrefix("PACKHORSE_")
            let hint = Misspelling.nearest(to: name, among: known, within: isOurs ? 6 : name.utf8.count > 6 ? 2 : 0)
            guard isOurs || hint != nil else { return nil }
            return "\(name) is set, but nothing reads it." + (hint.map { " Do you mean \($0)?" } ?? "")
        }
    }
}

extension SettingsReport {
    /// For people: one line per setting, then the errors and warnings.
    public var text: String {
        let names = settings.map(\.name.count).max() ?? 0
        let values = settings.map { ($0.value ?? "").count }.filter { $0 <= 40 }.max() ?? 0
        var lines = settings.map { row in
            row.name.padded(to: names) + "  " + (row.value ?? "!").padded(to: values) + "  " + (row.source ?? "wrong")
        }
        lines += errors.map { "error: " + $0 }
        lines += warnings.map { "warning: " + $0 }
        return lines.joined(separator: "\n")
    }

    /// One object on one line: `settings` (`name`, `value`, `source`), `errors`, `warnings`.
    public var json: String {
        (try? JSONText.value(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
