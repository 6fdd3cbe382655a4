/// A job as described from outside: the body of `POST /v1/jobs`, the flags of `enqueue add`, or a stored template.
///
/// It is only a description. `job()` checks it and makes the job that can be stored; the command line and the HTTP API
/// both use it.
public struct JobSpec: Sendable, Equatable {
    /// 1 to 128 of `A-Z a-z 0-9 . _ -`.
    public var type: String
    /// The version of its type, 1 to 1,000,000.
    public var version = 1
    /// JSON, stored byte for byte.
    public var args = Array("{}".utf8)
    /// The queue to add it to.
    public var queue = QueueName.default.text
    /// `critical`, `high`, `default` or `low`.
    public var priority = Priority.default.name
    /// When it may start, relative to when it is stored: 0 to ten years. Excludes `runAt`.
    public var delay: Duration?
    /// When it may start: an ISO 8601 time from 1970 to 2100, such as `2031-05-04T12:00:00Z`.
    public var runAt: String?
    /// The job expires if no worker has started it this long after it was stored: 0 to ten years.
    public var expires: Duration?
    /// How many failed attempts end the job, 1 to 1,000; nil for the default of its type.
    public var maxAttempts: Int?
    /// The time limit of one attempt, 1 ms to 30 days; nil for the default of its type.
    public var timeout: Duration?
    /// While a job of the queue holds this key, its id is returned and nothing is stored. 1 to 256 bytes.
    public var key: String?
    /// While what the job holds its key: `waiting` or `unfinished`; nil for `unfinished`, or with `keyPeriod` for
    /// whatever its state.
    public var keyWhile: String?
    /// The key is free again after this time: 1 ms to ten years; nil if only the state decides.
    public var keyPeriod: Duration?
    /// The job waits for a while, and the last one with the same key replaces those before it. Excludes `delay`,
    /// `runAt` and `key`.
    public var debounce: Debounce?
    /// The tenant that owns the job, 1 to 128 bytes.
    public var tenant: String?
    /// The keys whose permits it needs to start: at most 8.
    public var limits: [LimitUse] = []
    /// Jobs with the same sequence key run one after the other.
    public var sequence: JobSequence?
    /// Waits for other jobs of its type and key, so that one call of the handler answers them together.
    public var collect: Collect?

    /// A job of this type with defaults for everything else.
    public init(type: String) { self.type = type }

    /// Checks all of it.
    ///
    /// - Parameters:
    ///   - id: the caller's own, or nil for a new one.
    ///   - idempotencyKey: for a day, the same key in the same queue returns the same job. Excludes `key`, `debounce`.
    ///   - traceparent: in the form of W3C Trace Context.
    ///   - limit: the maximum size of the arguments, in bytes.
    /// - Throws: `QueueError.field` for the first field that is refused; `.tooLarge`.
    public func job(
        id: JobID? = nil, idempotencyKey: String? = nil, traceparent: String? = nil, limit: Int = NewJob.payloadLimit
    ) throws(QueueError) -> NewJob {
        guard let priority = Priority(name: priority) else {
            throw .field(.wrongValue, "priority", found: priority, allowed: "critical, high, default or low")
        }
        let options = JobOptions(
            priority: priority, start: try start(), expiry: expires.map { .after($0) }, maxAttempts: maxAttempts,
            timeout: timeout, key: try holder(idempotencyKey), debounce: debounce, tenant: tenant, limits: limits,
            sequence: sequence, collect: collect, traceparent: traceparent)
        let job = try NewJob(
            type, version: version, arguments: args, in: try QueueName(queue), id: id, options: options, limit: limit)
        do throws(StrictJSON.Violation) {
            try StrictJSON.check(args)
        } catch {
            throw .field(.malformedJSON, "args", allowed: "\(error)")
        }
        return job
    }

    private func start() throws(QueueError) -> JobOptions.Start? {
        guard let runAt else { return delay.map { .after($0) } }
        guard delay == nil else {
            throw .field(.contradiction, "delaySeconds", found: "runAt", allowed: "one of them")
        }
        guard let date = ISOTime.date(runAt) else {
            throw .field(.wrongValue, "runAt", found: runAt, allowed: "ISO 8601, such as 2031-05-04T12:00:00Z")
        }
        return .at(date)
    }

    private func holder(_ idempotencyKey: String?) throws(QueueError) -> IdempotencyKey? {
        guard let idempotencyKey else { return try ownKey() }
        for (field, isGiven) in [("key", key != nil), ("debounce", debounce != nil)] where isGiven {
            throw .field(.contradiction, "Idempotency-Key", found: field, allowed: "one of them")
        }
        // A client that lost a reply must get the same job, even if it has ended meanwhile.
        return IdempotencyKey(
            idempotencyKey, while: .always, period: .seconds(86_400))
    }

    private func ownKey() throws(QueueError) -> IdempotencyKey? {
        guard let key else {
            for (field, isGiven) in [("keyWhile", keyWhile != nil), ("keySeconds", keyPeriod != nil)] where isGiven {
                throw .field(.missing, "key", allowed: "1 to 256 bytes, because there is '\(field)'")
            }
            return nil
        }
        let states: Set<JobState>
        switch keyWhile {
        case nil: states = keyPeriod == nil ? .unfinished : .always
        case "waiting": states = .waiting
        case "unfinished": states = .unfinished
        default: throw .field(.wrongValue, "keyWhile", found: keyWhile, allowed: "waiting or unfinished")
        }
        if let keyPeriod, !(Duration.milliseconds(1)...JobOptions.longest).contains(keyPeriod) {
            throw .field(
                .invalid, "keySeconds", found: "\(Double(keyPeriod.milliseconds) / 1000)", allowed: "0.001 to 315360000"
            )
        }
        return IdempotencyKey(key, while: states, period: keyPeriod)
    }
}
