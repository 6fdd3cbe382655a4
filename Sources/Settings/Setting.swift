/// One row of a settings table: a variable's name, its allowed values, and its meaning.
///
/// A job family or an executable declares its own rows beside its jobs, lists them, and passes the list to
/// `WorkerMain.run`:
/// ```swift
/// extension Setting where Value == Int {
///     static let pictureWidth = number(
///         "PACKHORSE_PICTURE_WIDTH", 16...4096, default: 640, "The width of a thumbnail, in pixels.")
/// }
/// ```
public struct Setting<Value: Sendable>: SettingsRow {
    /// The name of the environment variable.
    public let name: String
    /// What it does, in one line.
    public let meaning: String
    /// The allowed values, in words.
    public let allowed: String
    /// Never shown, and can be given as a file: `NAME_FILE`.
    public let isSecret: Bool
    /// Which programs read it.
    public let readers: Readers
    let fallback: Fallback
    let parse: @Sendable (String) throws(Refusal) -> Value
    /// How `config check` shows a value that is set.
    let shown: @Sendable (String) -> String

    /// A row of any type; for numbers, paths and other common values there are shorter forms: `number`, `path`,
    /// `duration`, …
    ///
    /// - Parameters:
    ///   - name: capital letters, digits and single `_` between them, beginning with a letter.
    ///   - meaning: what it does, in one line.
    ///   - allowed: the allowed values, in words; used in the error for a wrong value.
    ///   - isSecret: never shown, and can be given as a file: `NAME_FILE`.
    ///   - readers: which programs read it.
    ///   - fallback: the value when the variable is not set.
    ///   - shown: how `config check` shows a value that is set; it must not contain a secret.
    ///   - parse: reads a text, or refuses it.
    public init(
        name: String, meaning: String, allowed: String, isSecret: Bool = false, readers: Readers = .worker,
        fallback: Fallback,
        shown: @escaping @Sendable (String) -> String = { $0 },
        parse: @escaping @Sendable (String) throws(Refusal) -> Value
    ) {
        self.name = name
        self.meaning = meaning
        self.allowed = allowed
        self.isSecret = isSecret
        self.readers = readers
        self.fallback = fallback
        self.shown = shown
        self.parse = parse
    }

    /// The value when the variable is not set.
    public enum Fallback: Sendable {
        /// Parsed like a value that is set.
        case text(String)
        /// A value that no text can express, and words for it.
        case value(Value, described: String)
    }

    /// Parses a text like the variable: for command-line options with the same meaning.
    ///
    /// - Throws: `SettingsError.wrong`.
    public func value(_ text: String) throws(SettingsError) -> Value {
        do throws(Refusal) {
            return try parse(text)
        } catch {
            throw .wrong(name: name, found: isSecret ? nil : text, wanted: error.reason ?? allowed)
        }
    }

    /// The default: a text that could be set, or words for a value that no text can express.
    public var standard: String {
        switch fallback {
        case .text(let text): text
        case .value(_, let described): described
        }
    }

    /// - Throws: `SettingsError.wrong` when the text can't be a value.
    public func check(_ text: String) throws(SettingsError) { _ = try value(text) }

    /// The text in a form that may be shown: a secret becomes `***`, a URL loses its password and query.
    public func show(_ text: String) -> String { shown(text) }
}

/// A row of the table, whatever the type of its value.
public protocol SettingsRow: Sendable {
    /// The name of the environment variable; for a secret, `NAME_FILE` may name a file that holds it.
    var name: String { get }
    /// What it does, in one line.
    var meaning: String { get }
    /// The allowed values, in words.
    var allowed: String { get }
    /// Never shown, and can be given as a file.
    var isSecret: Bool { get }
    /// Which programs read it.
    var readers: Readers { get }
    /// The default, as text.
    var standard: String { get }
    /// - Throws: `SettingsError.wrong` when the text can't be a value.
    func check(_ text: String) throws(SettingsError)
    /// The text in a form that may be shown, without secrets.
    func show(_ text: String) -> String
}

extension SettingsRow {
    /// The names of all variables that can set it.
    var names: [String] { isSecret ? [name, name + "_FILE"] : [name] }
}

/// Which programs read a setting.
public struct Readers: OptionSet, Sendable, CustomStringConvertible {
    /// Bit 0 for `worker`, bit 1 for `enqueue`.
    public let rawValue: Int
    /// - Parameter rawValue: 0 to 3; it is not checked.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The program `worker`.
    public static let worker = Readers(rawValue: 1)
    /// The program `enqueue`, its API included.
    public static let enqueue = Readers(rawValue: 2)
    /// Both programs.
    public static let both: Readers = [.worker, .enqueue]

    public var description: String {
        [(Readers.worker, "worker"), (.enqueue, "enqueue")].filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}

/// Why a text is not a valid value.
public struct Refusal: Error {
    let reason: String?

    /// - Parameter reason: without secrets; nil if the row's `allowed` says enough.
    public init(reason: String? = nil) { self.reason = reason }
}
