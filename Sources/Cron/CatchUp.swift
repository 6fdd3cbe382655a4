/// What becomes of ticks that nobody made in time.
public enum CatchUp: Sendable, Equatable {
    /// Only the last due tick, and only if it is less than `Due.grace` old.
    case none
    /// The last due tick.
    case latest
    /// The newest due ticks, at most `limit` of them. A limit outside of `CatchUp.limits` counts as the nearest in it.
    case all(limit: Int)

    /// How many ticks may be made up for.
    public static let limits = 1...1_000

    /// Reads `none`, `latest`, `all` (at most 100) or `all:25`; nil for everything else.
    public init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "latest": self = .latest
        case "all": self = .all(limit: 100)
        default:
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "all", let limit = Int(parts[1]), String(limit) == parts[1],
                Self.limits.contains(limit)
            else { return nil }
            self = .all(limit: limit)
        }
    }

    /// The most ticks that are run.
    fileprivate var limit: Int {
        guard case .all(let limit) = self else { return 1 }
        return min(max(limit, Self.limits.lowerBound), Self.limits.upperBound)
    }

    /// The text that `init` reads; always with the limit.
    public var text: String {
        switch self {
        case .none: "none"
        case .latest: "latest"
        case .all(let limit): "all:\(limit)"
        }
    }
}

/// What to do about a schedule at some time.
public struct Due: Sendable, Equatable {
    /// How old a tick may be at most for `CatchUp.none` to run it, in ms; exclusive.
    public static let grace = 60_000
    /// How far `missed` counts.
    public static let mostCounted = 10_000

    /// The ticks to run, oldest first.
    public let run: [Int]
    /// How many other ticks were due; `mostCounted` stands for that many or more.
    public let missed: Int
    /// The next tick after now; nil if there is no more.
    public let next: Int?

    public init(run: [Int], missed: Int, next: Int?) {
        self.run = run
        self.missed = missed
        self.next = next
    }
}

extension Timing {
    /// What to do at `now` about a schedule whose next tick was `tick`.
    ///
    /// Due are the ticks from `tick` to `now`, both included; none if `tick` is later, as after the clock was set back,
    /// and then `next` is not before `tick`. A `tick` at which nothing ticks (the rules of the zone have changed) is
    /// only the bound. However long ago `tick` was, at most `limit + Due.mostCounted` ticks are looked at.
    public func due(since tick: Int, now: Int, catchUp: CatchUp) -> Due {
        // Never back before the tick, or ticks that were made would be made again.
        let next = next(after: max(now, max(tick, 0) - 1))
        guard tick <= now else { return Due(run: [], missed: 0, next: next) }
        let limit = catchUp.limit
        var run: [Int] = []
        var missed = 0
        var latest = last(to: now)
        while let found = latest, found >= tick, missed < Due.mostCounted {
            let isRun = run.count < limit && (catchUp != .none || now - found < Due.grace)
            if isRun { run.append(found) } else { missed += 1 }
            if case .every(let interval, let anchor) = self, !isRun || run.count == limit {
                // The rest is arithmetic: the ticks down to the bound.
                let start = max(tick, max(anchor, 0))
                missed = min(missed + (found - start) / interval, Due.mostCounted)
                break
            }
            latest = last(to: found - 1)
        }
        return Due(run: run.reversed(), missed: missed, next: next)
    }
}
