public import Cron

/// A schedule: what it makes and when. `enqueue schedule add` and a schedule file describe it; workers make its jobs.
///
/// Each tick makes one job with the id `<queue>.cron:<name>:<tick>`, so a tick can't make two.
public struct ScheduleSpec: Sendable, Equatable {
    /// 1 to 40 of `A-Z a-z 0-9 _ -`, unique in its queue.
    public var name: String
    /// When it ticks.
    public var timing: Timing
    /// What each tick makes. Its `delay`, `runAt` and `key` are not used.
    public var job: JobSpec
    /// The job of a tick starts up to this much later, each tick by another time: 0 to a day.
    public var jitter: Duration
    /// What becomes of ticks that were missed because no worker ran.
    public var catchUp: CatchUp
    /// What a tick does while the job of an earlier tick has not ended.
    public var overlap: Overlap
    /// Pauses the schedule when this many of its jobs died in a row, 1 to 1,000; nil for never.
    public var pauseAfterFailures: Int?
    /// It has no tick after this time, in ms since 1970; nil for no end.
    public var until: Int?

    /// What a tick does while the job of an earlier tick has not ended.
    public enum Overlap: String, Sendable, Codable, CaseIterable {
        /// Makes its job all the same.
        case allow
        /// Makes no job.
        case skip
        /// Cancels the earlier job. The new one starts when that has ended.
        case replace
        /// Its job starts when the earlier one has ended. At most one job waits like this; further ticks are skipped.
        case bufferOne = "buffer-one"
    }

    /// Checks nothing: `validate` does.
    public init(
        name: String, timing: Timing, job: JobSpec, jitter: Duration = .zero, catchUp: CatchUp = .latest,
        overlap: Overlap = .allow, pauseAfterFailures: Int? = nil, until: Int? = nil
    ) {
        self.name = name
        self.timing = timing
        self.job = job
        self.jitter = jitter
        self.catchUp = catchUp
        self.overlap = overlap
        self.pauseAfterFailures = pauseAfterFailures
        self.until = until
    }

    /// The first tick after this time, in ms; nil if there is none.
    public func next(after ms: Int) -> Int? { limited(timing.next(after: ms)) }

    func limited(_ tick: Int?) -> Int? { tick.flatMap { until.map { $0 < tick ?? .max } == true ? nil : $0 } }

    /// - Throws: `QueueError.field` for the first field that is out of range.
    public func validate() throws(QueueError) {
        guard Self.isName(name) else {
            throw .field(.invalid, "name", found: name, allowed: "1 to 40 of A-Z, a-z, 0-9, '_' and '-'")
        }
        guard (.zero...Duration.seconds(86_400)).contains(jitter) else {
            throw .field(.invalid, "jitter", found: jitter.text, allowed: "0s to 1d")
        }
        if let pauseAfterFailures, !(1...1000).contains(pauseAfterFailures) {
            throw .field(.invalid, "pauseAfterFailures", found: "\(pauseAfterFailures)", allowed: "1 to 1000")
        }
        for (field, isGiven) in [
            ("delaySeconds", job.delay != nil), ("runAt", job.runAt != nil), ("key", job.key != nil),
            ("debounce", job.debounce != nil), ("sequence", job.sequence != nil), ("collect", job.collect != nil),
        ] where isGiven {
            throw .field(.invalid, field, allowed: "not in a schedule: its timing decides when a job starts")
        }
        _ = try job.job()
    }

    static func isName(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
