/// The limits of a key. A key without any is open.
public struct Limit: Sendable, Equatable {
    /// How often permits are given; nil for no limit.
    public var rate: Rate?
    /// How many jobs with the key may run at once, in all workers, 1 to 1,000,000; nil for no limit.
    public var atOnce: Int?
    /// How many jobs may wait for the key, 1 to 1,000,000,000; further ones are refused when they are enqueued. Nil for any
    /// number.
    public var maxWaiting: Int?

    /// How often permits are given.
    public enum Rate: Sendable, Equatable {
        /// One permit each `interval`, 1 ms to a day; up to `burst` at once after a pause, 1 to 1,000,000. With a burst of
        /// 1, permits are at least `interval` apart, less one millisecond (GCRA, ITU-T I.371).
        case spaced(Duration, burst: Int = 1)
        /// At most so many permits within any time of this length: 1 to 100,000 within 1 ms to a day.
        case window(Int, per: Duration)
    }

    /// Checks nothing; `Queue.setLimit` does.
    public init(rate: Rate? = nil, atOnce: Int? = nil, maxWaiting: Int? = nil) {
        self.rate = rate
        self.atOnce = atOnce
        self.maxWaiting = maxWaiting
    }

    private static let times = Duration.milliseconds(1)...Duration.seconds(86_400)

    func validate() throws(QueueError) {
        func check(_ name: String, _ isAllowed: Bool, _ found: String, _ allowed: String) throws(QueueError) {
            guard isAllowed else { throw .field(.invalid, name, found: found, allowed: allowed) }
        }
        let times = "\(Self.times.lowerBound.text) to \(Self.times.upperBound.text)"
        switch rate {
        case .spaced(let interval, let burst):
            try check("everySeconds", Self.times.contains(interval), interval.text, times)
            try check("burst", (1...1_000_000).contains(burst), "\(burst)", "1 to 1000000")
        case .window(let count, let time):
            try check("count", (1...100_000).contains(count), "\(count)", "1 to 100000")
            try check("perSeconds", Self.times.contains(time), time.text, times)
        case nil: break
        }
        if let atOnce { try check("atOnce", (1...1_000_000).contains(atOnce), "\(atOnce)", "1 to 1000000") }
        if let maxWaiting {
            try check("maxWaiting", (1...1_000_000_000).contains(maxWaiting), "\(maxWaiting)", "1 to 1000000000")
        }
        try check(
            "limit", rate != nil || atOnce != nil || maxWaiting != nil, "empty",
            "a rate, a number of jobs at once, or a number of waiting jobs")
    }

    /// Field and value in turn, as limit_put.lua takes them.
    var arguments: [String] {
        var arguments: [String] = []
        switch rate {
        case .spaced(let interval, let burst):
            arguments += ["every", "\(interval / .milliseconds(1))", "burst", "\(burst)"]
        case .window(let count, let time): arguments += ["window", "\(time.milliseconds)", "count", "\(count)"]
        case nil: break
        }
        if let atOnce { arguments += ["atOnce", "\(atOnce)"] }
        if let maxWaiting { arguments += ["maxWaiting", "\(maxWaiting)"] }
        return arguments
    }

    /// Nil if nothing is set.
    init?(fields: [String: String]) {
        func number(_ name: String) -> Int? { fields[name].flatMap { Double($0) }.map { Int($0) } }
        if let every = fields["every"].flatMap({ Double($0) }) {
            rate = .spaced(.milliseconds(1) * every, burst: number("burst") ?? 1)
        } else if let window = number("window"), let count = number("count") {
            rate = .window(count, per: .milliseconds(window))
        }
        atOnce = number("atOnce")
        maxWaiting = number("maxWaiting")
        if rate == nil, atOnce == nil, maxWaiting == nil { return nil }
    }
}

/// A key with its limits and what waits for it.
public struct LimitStats: Sendable, Equatable {
    /// Bytes outside `A-Z a-z 0-9 . _ : -` as `%XX`; ends with `*` for a class.
    public let key: String
    /// Nil if it has none of its own.
    public let limit: Limit?
    /// How many jobs with the key run.
    public let running: Int
    /// How many jobs wait for it.
    public let parked: Int
    /// When its next permit is given, in ms since 1970; nil if nothing waits, or if a job must end first.
    public let opensAt: Int?
    /// No permit before this time, in ms since 1970; nil if nobody paused it.
    public let pausedUntil: Int?

    /// The key as producers write it.
    public var name: String { KeyText.name(key) }

    package init(
        key: String, limit: Limit?, running: Int = 0, parked: Int = 0, opensAt: Int? = nil, pausedUntil: Int? = nil
    ) {
        self.key = key
        self.limit = limit
        self.running = running
        self.parked = parked
        self.opensAt = opensAt
        self.pausedUntil = pausedUntil
    }

    /// What was set for a key that was given from outside.
    package init(name: String, limit: Limit?) { self.init(key: LimitUse.storedClass(name), limit: limit) }
}
