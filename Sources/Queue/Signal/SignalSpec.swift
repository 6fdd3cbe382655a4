/// A signal to send, in the form in which users describe it.
package struct SignalSpec: Sendable {
    /// 1 to 128 bytes.
    package var name: String
    /// The only job that gets it; nil for all jobs that wait for it.
    package var job: JobID?
    /// Nil for the job's queue, or the default one.
    package var queue: QueueName?
    /// JSON of at most 64 KiB; nil for a signal without one.
    package var payload: [UInt8]?
    /// How long it is kept for jobs that will wait for it, 0 to 30 days.
    package var keep: Duration

    /// How long a signal is kept if nothing is said: an hour.
    package static let keep = Duration.seconds(3600)
    /// In bytes.
    package static let payloadLimit = 64 << 10
    static let times = Duration.zero...Duration.seconds(30 * 86_400)
    /// How many names a queue keeps signals of; signal.lua has the same number, and the next one.
    static let keptLimit = 10_000
    /// How many names a job keeps signals of.
    static let keptByJobLimit = 100
    private static let fields = ["name", "queue", "job", "payload", "keepSeconds"]

    /// Checks nothing; `Queue.signal` does.
    package init(
        _ name: String, job: JobID? = nil, queue: QueueName? = nil, payload: [UInt8]? = nil,
        keep: Duration = SignalSpec.keep
    ) {
        self.name = name
        self.job = job
        self.queue = queue
        self.payload = payload
        self.keep = keep
    }

    /// Parses the body of `POST /v1/signals`. Members that are null count as not given.
    ///
    /// - Throws: `QueueError.field` if it is not a JSON object, and for the first member that is unknown, repeated, or
    ///   of the wrong type; `.invalid` for a bad id or name of a queue.
    package init(json: [UInt8]) throws(QueueError) {
        let reader = try JSONFields(json, known: Self.fields)
        guard let name = try reader.text("name") else {
            throw .field(.missing, "name", allowed: "the name of a signal, such as approved")
        }
        self.init(name, payload: reader.values["payload"], keep: try reader.duration("keepSeconds") ?? Self.keep)
        if let text = try reader.text("job") { job = try JobID(text) }
        if let text = try reader.text("queue") { queue = try QueueName(text) }
    }

    /// - Throws: `QueueError.field` for a value out of range, `.tooLarge` for the payload.
    package func validate() throws(QueueError) {
        try Self.check(name)
        if let job, let queue, !job.isOf(queue) {
            throw .field(.contradiction, "job", found: "queue", allowed: "a job of that queue, or no queue")
        }
        guard Self.times.contains(keep) else {
            throw .field(
                .invalid, "keepSeconds", found: "\(keep / .seconds(1))",
                allowed: "0 to \(Int(Self.times.upperBound / .seconds(1)))")
        }
        guard let payload else { return }
        guard payload.count <= Self.payloadLimit else {
            throw .tooLarge(what: "the payload of the signal", bytes: payload.count, limit: Self.payloadLimit)
        }
        do throws(StrictJSON.Violation) {
            try StrictJSON.check(payload)
        } catch {
            throw .field(.malformedJSON, "payload", allowed: "\(error)")
        }
    }

    static func check(_ name: String) throws(QueueError) {
        guard (1...128).contains(name.utf8.count) else {
            throw .field(.invalid, "name", found: "\(name.utf8.count) bytes", allowed: "1 to 128 bytes")
        }
    }
}
