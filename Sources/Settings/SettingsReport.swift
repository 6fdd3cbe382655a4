internal import Queue

/// What `config check` shows: every setting, what is wrong, and what is most likely a slip.
public struct SettingsReport: Sendable, Encodable {
    /// One setting as it is in this environment.
    public struct Row: Sendable, Encodable {
        /// Of the environment variable.
        public let name: String
        /// Masked for a secret; nil when it is wrong.
        public let value: String?
        /// `environment`, `file PATH` or `default`.
        public let source: String?
    }

    /// One row a setting, in the order of `SettingsTable.rows`.
    public let settings: [Row]
    /// What is wrong, a text for each row without a value; no secret is in it.
    public private(set) var errors: [String]
    /// Variables that start with `PACKHORSE_` and that nothing reads, a text each.
    public private(set) var warnings: [String]

    /// Adds what a look at Redis has found.
    public mutating func add(_ text: String, isError: Bool) {
        if isError { errors.append(text) } else { warnings.append(text) }
    }
}

extension Settings {
    /// Reads every row of the table.
    public func report() -> SettingsReport {
        var rows: [SettingsReport.Row] = []
        var errors: [String] = []
        for row in SettingsTable.rows {
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

    /// Variables that start with `PACKHORSE_` and that nothing reads.
    private var unknown: [String] {
        let known = SettingsTable.rows.flatMap { $0.isSecret ? [$0.name, $0.name + "_FILE"] : [$0.name] }
        return names.filter { $0.hasPrefix("PACKHORSE_") && !known.contains($0) }.map { name in
            let nearest = known.map { (name: $0, steps: editDistance($0, name)) }.min { $0.steps < $1.steps }
            let hint = nearest.map { $0.steps <= 6 ? " Do you mean \($0.name)?" : "" } ?? ""
            return "\(name) is set, but nothing reads it.\(hint)"
        }
    }
}

extension SettingsReport {
    /// For people: one line a setting, then the errors and warnings.
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

/// How many letters have to be put in, taken out or changed to make one of the other (Levenshtein).
func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var row = Array(0...b.count)
    for i in a.indices {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let above = row[j + 1]
            row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
            diagonal = above
        }
    }
    return row[b.count]
}
