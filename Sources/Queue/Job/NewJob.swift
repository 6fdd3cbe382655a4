/// A job that is about to be stored. Its id is made here, so that storing it can be repeated.
public struct NewJob: Sendable {
    /// The caller's own id or a new one; it always belongs to `queue`.
    public private(set) var id: JobID
    /// The queue that will keep it.
    public var queue: QueueName { id.queue }
    /// The name of its type: 1 to 128 of `A-Z a-z 0-9 . _ -`.
    public let type: String
    /// The version of its type, 1 to 1,000,000: a worker that knows only lower versions leaves the job to others.
    public let version: Int
    /// Usually JSON; a handler that decodes them reads empty arguments as `{}`.
    public var arguments: Payload { Payload(bytes, in: uncommon?.form) }
    /// The digest of the original arguments; only for jobs with an idempotency key.
    var digest: String? { uncommon?.digest }
    /// The options as given, checked to be within their ranges.
    public var options: JobOptions { uncommon?.options ?? .plain }
    /// Of `arguments`.
    private var bytes: [UInt8]
    /// Nil for most jobs: their options are the defaults, and their arguments are plain JSON. Producers make and copy
    /// hundreds of thousands of jobs per second, so these have as few fields as possible.
    private var uncommon: Uncommon?

    private final class Uncommon: Sendable {
        let options: JobOptions
        let form: Payload.Form?
        let digest: String?

        private init(_ options: JobOptions, _ form: Payload.Form?, digest: String?) {
            self.options = options
            self.form = form
            self.digest = digest
        }

        /// - Parameters:
        ///   - form: of the arguments.
        ///   - digest: of the original arguments; kept for a job with a key.
        /// - Returns: nil if there is nothing to keep.
        static func of(
            _ options: JobOptions, _ form: Payload.Form?, digest: @autoclosure () -> String
        ) throws(QueueError) -> Uncommon? {
            if options == .plain && form == nil { return nil }
            try options.validate()
            return Uncommon(options, form, digest: options.key == nil ? nil : digest())
        }
    }

    /// The default limit of the arguments' size: 1 MiB.
    public static let payloadLimit = 1 << 20

    /// - Parameters:
    ///   - id: the caller's own, or nil for a new one.
    ///   - type: 1 to 128 of `A-Z a-z 0-9 . _ -`; dotted lower case by convention.
    ///   - arguments: usually JSON; at most `limit` bytes.
    /// - Throws: `QueueError.tooLarge`, `.field`, and `.invalid` for an id of another queue; nothing has been sent
    ///   then.
    public init(
        _ type: String, version: Int = 1, arguments: Payload, in queue: QueueName, id: JobID? = nil,
        options: JobOptions = JobOptions(), limit: Int = NewJob.payloadLimit
    ) throws(QueueError) {
        guard Self.isType(type) else {
            throw .field(.invalid, "type", found: type, allowed: "1 to 128 of A-Z, a-z, 0-9, '.', '_' and '-'")
        }
        guard (1...1_000_000).contains(version) else {
            throw .field(.invalid, "version", found: "\(version)", allowed: "1 to 1000000")
        }
        try Self.check(arguments, of: type, limit: limit)
        if let id, !id.isOf(queue) {
            throw .invalid("job id '\(id)' does not belong to queue '\(queue)'")
        }
        uncommon = try Uncommon.of(options, arguments.form, digest: arguments.digest)
        self.id = id ?? JobID(in: queue)
        self.type = type
        self.version = version
        bytes = arguments.bytes
    }

    /// The same, with arguments that are plain JSON.
    public init(
        _ type: String, version: Int = 1, arguments: [UInt8], in queue: QueueName, id: JobID? = nil,
        options: JobOptions = JobOptions(), limit: Int = NewJob.payloadLimit
    ) throws(QueueError) {
        try self.init(
            type, version: version, arguments: Payload(arguments), in: queue, id: id, options: options, limit: limit)
    }

    /// The same job under a new id.
    public func copy() -> NewJob {
        var copy = self
        copy.id = JobID(in: queue)
        return copy
    }

    /// The same job, under the same id, with other arguments: encrypted, compressed, or the name of the place where
    /// they are kept.
    ///
    /// Whether a request with an idempotency key is a repetition is still decided by the original arguments.
    ///
    /// - Parameter limit: the maximum size of the new arguments, in bytes.
    /// - Throws: `QueueError.tooLarge`, and `.invalid` for a malformed content type or encoding.
    public func replacing(arguments: Payload, limit: Int = NewJob.payloadLimit) throws(QueueError) -> NewJob {
        try Self.check(arguments, of: type, limit: limit)
        var changed = self
        changed.bytes = arguments.bytes
        changed.uncommon = try Uncommon.of(options, arguments.form, digest: digest ?? self.arguments.digest)
        return changed
    }

    /// The same job, under the same id, with other options.
    ///
    /// If this adds an idempotency key, the key refers to the current arguments: add it before anything encrypts them.
    ///
    /// - Throws: `QueueError.field` and `.invalid` for an option that is out of range.
    public func replacing(options: JobOptions) throws(QueueError) -> NewJob {
        var changed = self
        changed.uncommon = try Uncommon.of(options, uncommon?.form, digest: digest ?? arguments.digest)
        return changed
    }

    private static func check(_ arguments: Payload, of type: String, limit: Int) throws(QueueError) {
        guard arguments.bytes.count <= limit else {
            throw .tooLarge(what: "the arguments of a \(type) job", bytes: arguments.bytes.count, limit: limit)
        }
        try arguments.validate()
    }

    private static func isType(_ type: String) -> Bool {
        (1...128).contains(type.utf8.count)
            && type.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// The header line of field `b`; the arguments follow it.
    ///
    /// - Parameter created: in ms.
    func header(created: Int) throws(QueueError) -> [UInt8] {
        var header = Array("\(created) \(options.priority.rawValue) \(type) \(version) ".utf8)
        var stored = options.stored
        stored.digest = digest
        stored.debounce = debounceName
        if stored != .none { header.append(contentsOf: try Self.json(stored)) }
        header.append(UInt8(ascii: "\n"))
        return header
    }

    /// Whether both certainly have the same header; false proves nothing.
    func sharesHeader(with other: NewJob) -> Bool {
        uncommon == nil && other.uncommon == nil && version == other.version && type == other.type
    }

    /// Whether there is more to do than storing it.
    var hasRules: Bool {
        guard let options = uncommon?.options else { return false }
        return options.start != nil || options.expiry != nil || options.key != nil
            || options.debounce != nil || !options.limits.isEmpty || options.sequence != nil || options.collect != nil
            || options.tenant != nil
    }

    /// Jobs of two types never replace each other, even with the same key.
    private var debounceName: String? { options.debounce.map { "\(type):\($0.storedKey)" } }

    /// What the script must do beyond storing it; empty for nothing.
    func rules() throws(QueueError) -> [UInt8] {
        guard hasRules else { return [] }
        var rules = EnqueueRules(
            key: options.key?.storedName, keyPeriod: options.key?.period?.milliseconds,
            limits: options.limits.isEmpty ? nil : options.limits.map(StoredLimit.init),
            sequence: options.sequence.map { [$0.storedKey, $0.afterDead.rawValue] }, tenant: options.tenant)
        if let debounce = options.debounce {
            rules.debounce = debounceName
            rules.delay = debounce.delay.milliseconds
            rules.maxWait = debounce.longestWait.milliseconds
        }
        rules.collect = options.collect.map { StoredCollect($0, of: type) }
        switch options.start {
        case .after(let delay): rules.delay = delay.milliseconds
        case .at(let date): rules.due = date.milliseconds
        case nil: break
        }
        switch options.expiry {
        case .after(let delay): rules.ttl = delay.milliseconds
        case .at(let date): rules.expiresAt = date.milliseconds
        case nil: break
        }
        return try Self.json(rules)
    }

    private static func json(_ value: some Encodable) throws(QueueError) -> [UInt8] {
        do {
            return try JSONText.value(value)
        } catch {
            throw .invalid("the job's options can't be written as JSON: \(error)")
        }
    }
}
