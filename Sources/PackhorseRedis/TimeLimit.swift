internal import Glibc

/// How long a blocking step may wait, and who may cancel it earlier.
struct TimeLimit {
    let end: ContinuousClock.Instant
    /// The total time, for the text of an error.
    let total: Duration
    /// Called about every 50 ms during a wait; false ends the wait. Nil: never ended early.
    let goesOn: (() -> Bool)?

    init(_ total: Duration, goesOn: (() -> Bool)? = nil) {
        self.init(total: total, end: .now + total, goesOn: goesOn)
    }

    private init(total: Duration, end: ContinuousClock.Instant, goesOn: (() -> Bool)?) {
        (self.total, self.end, self.goesOn) = (total, end, goesOn)
    }

    /// An equal share of the time left, for one of `parts` attempts.
    func share(of parts: Int) -> TimeLimit {
        let left = max(.zero, end - .now) / parts
        return TimeLimit(total: left, end: .now + left, goesOn: goesOn)
    }

    enum End {
        case ready, timeUp, calledOff
    }

    /// Waits until `descriptor` is ready for one of `events` (or broken, which reading or writing will show).
    func wait(for events: Int32, on descriptor: Int32) -> End {
        while true {
            let left = end - .now
            let slice = goesOn == nil ? left : min(left, .milliseconds(50))
            if Poll.one(descriptor, events, for: max(.zero, slice)) { return .ready }
            if let goesOn, !goesOn() { return .calledOff }
            if end <= .now { return .timeUp }
        }
    }
}

enum Poll {
    /// Waits for one descriptor; returns false after `duration` or a signal.
    static func one(_ descriptor: Int32, _ events: Int32, for duration: Duration) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&entry, 1, milliseconds(duration)) > 0
    }

    /// Rounded up, so that a wait never ends early; at most a day.
    static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        guard seconds < 86_400 else { return 86_400_000 }
        return Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
