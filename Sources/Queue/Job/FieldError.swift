/// A field of a job's description that is refused, with the same words on the command line, over HTTP and in the
/// library.
public struct FieldError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong. The raw value is the `code` of the HTTP problem.
    public enum Kind: String, Sendable {
        /// Not a valid JSON object.
        case malformedJSON = "malformed_json"
        case missing = "missing_field"
        /// There is no such field.
        case unknown = "unknown_field"
        case repeated = "repeated_field"
        /// It has a type or form that the field does not allow.
        case wrongValue = "wrong_value"
        /// It and another field exclude each other.
        case contradiction
        /// It has the right form but is out of range.
        case invalid
    }

    /// What is wrong.
    public let kind: Kind
    /// As in the body of `POST /v1/jobs`.
    public let field: String
    /// The value that was given, at most 100 characters; nil if there is nothing to show.
    public let found: String?
    /// What is allowed, in words.
    public let allowed: String

    package init(_ kind: Kind, _ field: String, found: String? = nil, allowed: String) {
        self.kind = kind
        self.field = field
        self.found = found.map { String($0.prefix(100)) }
        self.allowed = allowed
    }

    public var description: String {
        switch kind {
        case .malformedJSON: "\(field) is not valid JSON: \(allowed)."
        case .missing: "The field '\(field)' is missing. Allowed: \(allowed)."
        case .unknown: "There is no field '\(field)'. Known: \(allowed)."
        case .repeated: "The field '\(field)' is given twice. Allowed: \(allowed)."
        case .contradiction: "'\(field)' and '\(found ?? "")' exclude each other. Allowed: \(allowed)."
        case .wrongValue, .invalid:
            "The field '\(field)' is \(found.map { "'\($0)'" } ?? "empty"). Allowed: \(allowed)."
        }
    }
}

extension QueueError {
    static func field(
        _ kind: FieldError.Kind, _ field: String, found: String? = nil, allowed: String
    ) -> QueueError {
        .field(FieldError(kind, field, found: found, allowed: allowed))
    }
}
