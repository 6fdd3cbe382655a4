/// A schedule as it is in Redis.
public struct Schedule: Sendable, Equatable {
    /// The queue that keeps it and its jobs.
    public let queue: QueueName
    /// As in `ScheduleSpec`.
    public let name: String
    /// What it makes and when; nil if this version can't read it.
    public let spec: ScheduleSpec?
    /// The file that made it; empty if it was made at run time.
    public let source: String
    /// Its next tick in ms since 1970; nil if it is paused or has no further tick.
    public let nextTick: Int?
    /// Why it makes no jobs; nil if it is not paused.
    public let pause: Pause?
    /// The job that it started last, and its state now.
    public let last: (id: JobID, state: JobState)?
    /// The job that starts when `last` has ended.
    public let buffered: JobID?
    /// How many of its jobs died in a row.
    public let failures: Int
    /// How many ticks became a job, were skipped because an earlier job had not ended, or were left out at catch-up.
    public let made, skipped, missed: Int
    let revision: String

    /// Why a schedule is paused.
    public enum Pause: String, Sendable, Codable {
        /// Somebody paused it.
        case `operator`
        /// As many of its jobs died in a row as `pauseAfterFailures` says.
        case failures
    }

    public static func == (left: Schedule, right: Schedule) -> Bool {
        left.json == right.json && left.revision == right.revision
    }

    /// An object on one line: the fields of the spec, then what is known of it.
    public var json: [UInt8] {
        func text(_ text: String?) -> [UInt8]? { text.map { JSONText.string($0) } }
        let spec = (spec?.json).flatMap { try? StrictJSON.members($0) } ?? [("name", JSONText.string(name))]
        var members: [(String, [UInt8]?)] = spec.map { ($0.name, $0.value) }
        members += [
            ("queue", spec.contains { $0.name == "queue" } ? nil : text(queue.text)),
            ("source", text(source)), ("nextTick", text(nextTick.map(ISOTime.text))),
            ("paused", text(pause?.rawValue)), ("lastJob", text(last?.id.text)),
            ("lastState", text(last?.state.rawValue)), ("bufferedJob", text(buffered?.text)),
            ("failuresInARow", JSONText.number(failures)), ("made", JSONText.number(made)),
            ("skipped", JSONText.number(skipped)), ("missed", JSONText.number(missed)),
        ]
        return JSONText.object(members.filter { $0.1 != nil })
    }
}
