/// A job that a worker has reserved, and the right to write its outcome.
public struct Claim: Sendable {
    /// The job that is claimed.
    public let id: JobID
    /// 1 for the first; never goes down, also when an attempt was not spent.
    public let attempt: Int
    /// Failed attempts before this one; the retry policy looks at these.
    public let failures: Int
    /// How many workers died while they ran it.
    public let crashes: Int
    /// When it was reserved, in ms since 1970 by Redis' clock.
    public let startedAt: Int
    /// Field `b` as stored.
    public let body: [UInt8]

    /// `<attempt>|<started ms>`: what every write is checked against.
    let token: String
}

/// What a reserve brought.
public struct Reserved: Sendable {
    /// The jobs that were handed out, highest priority first; none if no job was ready or the queue is paused.
    public let claims: [Claim]
    /// Redis' clock, in ms since 1970.
    public let now: Int
    /// How long there is nothing to do unless the bell rings; zero when there is more to do at once.
    public let quietFor: Duration

    package init(claims: [Claim], now: Int, quietFor: Duration) {
        self.claims = claims
        self.now = now
        self.quietFor = quietFor
    }
}

/// A claimed job and what became of it.
public struct Settled: Sendable {
    /// Under which the job ran: the outcome is refused when the worker does not hold it any more.
    public let claim: Claim
    /// What is to be written.
    public let outcome: Outcome

    /// Writes nothing yet: see `Queue.settle`.
    public init(_ claim: Claim, _ outcome: Outcome) {
        self.claim = claim
        self.outcome = outcome
    }
}

/// What became of a claimed job.
public enum Outcome: Sendable, Equatable {
    /// - Parameters:
    ///   - result: usually JSON, at most the payload limit.
    ///   - dropsSteps: the job kept results of durable steps, which nobody needs any more.
    case succeeded(result: Payload, dropsSteps: Bool)
    /// The attempt failed and is repeated after `delay`.
    case failed(JobFailure, delay: Duration)
    /// The attempt failed and is not repeated.
    case dead(JobFailure)
    /// The job asked for another time; no failure is counted.
    case snoozed(delay: Duration)
    /// It was called off while it ran.
    case cancelled(JobFailure)
    /// The worker gives it back unfinished: to the head of its queue, no failure counted.
    case released
    /// The worker does not know the type or its version; another one may. Offered again after `delay`.
    case unclaimed(delay: Duration)
}

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
