public import PackhorseRedis

/// Why the queue could not do what was requested.
public enum QueueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Redis could not be reached, or the connection broke. The command may or may not have run: every call of the
    /// queue can be repeated.
    case redis(RedisError)
    /// Redis has no memory left (`maxmemory`) and stored nothing.
    case full(String)
    /// Redis refused a script: it accepts no writes, or someone changed the keys by hand.
    case refused(script: String, message: String)
    /// The worker's lease has lapsed; others may run its jobs now. Nothing more can be written under this name.
    case lapsed(worker: String)
    /// Something is larger than its limit, and nothing was stored.
    case tooLarge(what: String, bytes: Int, limit: Int)
    /// A limit on the number of stored items is reached, and nothing was stored.
    case capReached(String)
    /// A field of a job's description is refused; nothing was stored.
    case field(FieldError)
    /// An invalid id or option, or a job that a middleware refused; nothing was stored.
    case invalid(String)
    /// A record in Redis can't be read.
    case damaged(id: String, reason: String)
    /// The queue has no such schedule; `queue` is empty if all queues were asked.
    case noSchedule(queue: String, schedule: String)
    /// The job's state does not allow this.
    case wrongState(id: String, state: JobState, wanted: String)

    public var description: String {
        switch self {
        case .redis(let error): error.description
        case .full(let message):
            "Redis is full (\(message)) and stored nothing of this write. Raise maxmemory, lower the retention, or let workers drain "
                + "the queue, which they can do in this state."
        case .refused(let script, let message):
            "Redis refused '\(script)': \(message). If it says MISCONF or READONLY, look at its disk and its role; with "
                + "WRONGTYPE somebody overwrote a key of the queue, docs/keys.md has the types."
        case .lapsed(let worker):
            "the lease of worker \(worker) has lapsed; its jobs run elsewhere. It stops them here and joins again."
        case .tooLarge(let what, let bytes, let limit):
            "\(what) has \(bytes) bytes, the limit is \(limit); nothing was stored. Keep large data in a file or object "
                + "store and pass its name."
        case .field(let error): error.description
        case .capReached(let message), .invalid(let message): message
        case .damaged(let id, let reason):
            "the record of job \(id) can't be read: \(reason). Someone changed it by hand; `enqueue verify` lists such jobs."
        case .noSchedule(let queue, let schedule):
            (queue.isEmpty ? "no queue has a" : "queue '\(queue)' has no")
                + " schedule '\(schedule)'; `enqueue schedule list` shows all schedules"
        case .wrongState(let id, let state, let wanted): "job \(id) is \(state.rawValue); \(wanted)"
        }
    }
}
