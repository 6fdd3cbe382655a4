/// Why an attempt failed, as kept with the job.
public struct JobFailure: Sendable, Codable, Equatable {
    /// The kind of error: the name of the Swift type that the handler threw, or in lower case what Packhorse found:
    /// `timeout`, `crashed`, `cancelled`, `expired`, `discarded`, `undecodable`, `unencodable`, `resultTooLarge`,
    /// `damaged` (docs/wire.md).
    public var type: String
    /// What happened; at most 2,000 bytes are kept.
    public var message: String
    /// Whether the attempt was worth repeating.
    public var retryable: Bool

    /// - Parameter message: one of more than 2,000 bytes is cut to 1,990 at most and ends with ` …`.
    public init(type: String, message: String, retryable: Bool) {
        self.type = type
        self.message =
            message.utf8.count <= 2000 ? message : String(message.unicodeScalars.prefix(fitting: 1990)) + " …"
        self.retryable = retryable
    }
}

extension String.UnicodeScalarView {
    /// As many whole scalars from the start as take at most `bytes` in UTF-8.
    fileprivate func prefix(fitting bytes: Int) -> Substring.UnicodeScalarView {
        var left = bytes
        return prefix { scalar in
            left -= UTF8.width(scalar)
            return left >= 0
        }
    }
}
