/// The variables that an executable reads, in the order in which they are listed.
public struct SettingsTable: Sendable {
    /// One row per variable, whatever its type.
    public let rows: [any SettingsRow]

    /// The variables that every worker and `enqueue` read.
    public static let core = SettingsTable(rows: coreRows)

    private init(rows: [any SettingsRow]) { self.rows = rows }

    /// This table, followed by the rows of a job family or an executable.
    ///
    /// - Throws: `SettingsTableError` for a name that is already in the table, or that is not allowed.
    public func adding(_ more: [any SettingsRow]) throws(SettingsTableError) -> SettingsTable {
        var known = Set(names)
        for row in more {
            guard Self.isName(row.name) else { throw .malformed(name: row.name) }
            for name in row.names where !known.insert(name).inserted { throw .repeated(name: name) }
        }
        return SettingsTable(rows: rows + more)
    }

    /// The names of all variables that it reads, including those that name files with secrets.
    package var names: [String] { rows.flatMap { $0.names } }

    func has(_ name: String) -> Bool { rows.contains { $0.name == name } }

    /// Words of capital letters and digits with one `_` between them: what `Settings` finds in the environment.
    private static func isName(_ name: String) -> Bool {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        let isPlain = name.utf8.allSatisfy {
            (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
        }
        return isPlain && !words.contains("") && name.first?.isLetter == true
    }
}

/// What is wrong with the rows of an executable; its programmer must change them.
public enum SettingsTableError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Two rows have the same variable.
    case repeated(name: String)
    /// The name is not allowed for a variable.
    case malformed(name: String)

    public var description: String {
        switch self {
        case .repeated(let name): "The variable \(name) has two rows in the settings of this executable. Rename one."
        case .malformed(let name):
            "The settings of this executable have a row '\(name)'. Name it with capital letters, digits and single '_' "
                + "between them, beginning with a letter."
        }
    }
}
