/// Why an attempt failed, as stored with the job.
public struct JobFailure: Sendable, Codable, Equatable {
    /// The kind of error: the name of the Swift type that the handler threw, or in lower case a problem that Packhorse
    /// found: `timeout`, `crashed`, `cancelled`, `expired`, `discarded`, `undecodable`, `unencodable`,
    /// `resultTooLarge`, `damaged` (docs/wire.md).
    public var type: String
    /// What happened; at most 2,000 bytes are kept.
    public var message: String
    /// Whether a retry could have helped.
    public var retryable: Bool

    /// - Parameter message: cut to at most 1,990 bytes, followed by ` …`, if it has more than 2,000 bytes.
    public init(type: String, message: String, retryable: Bool) {
        self.type = type
        self.message =
            message.utf8.count <= 2000 ? message : String(message.unicodeScalars.prefix(fitting: 1990)) + " …"
        self.retryable = retryable
    }
}

extension String.UnicodeScalarView {
    /// As many whole scalars from the start as fit into `bytes` in UTF-8.
    fileprivate func prefix(fitting bytes: Int) -> Substring.UnicodeScalarView {
        var left = bytes
        return prefix { scalar in
            left -= UTF8.width(scalar)
            return left >= 0
        }
    }
}
