internal import Synchronization

/// Whether a permit of a spaced key got here in time.
///
/// Redis grants a permit for one moment. A worker that stood still meanwhile would use it too close to the next one, which
/// another worker has. It exchanges such a permit for a new one instead.
///
/// How late it is follows from the difference between Redis' clock and this one: the smallest of the last seconds counts as
/// punctual, so a network that is equally slow all the time delays nothing.
final class Punctuality: Sendable {
    /// A permit is good for this long.
    static let good = Duration.milliseconds(2)
    /// How many may be exchanged in a row. An exchange loses a permit, so in the long run it is at most one of `share`.
    static let atOnce = 5
    static let share = 21

    private struct State {
        /// The smallest differences between this clock and Redis' in the span since `since`, and in the one before.
        var smallest: Duration?
        var former: Duration?
        var since = Duration.zero
        /// Permits that were used in time, at most as many as pay for `atOnce` exchanges.
        var inTime = atOnce * (share - 1)

        var difference: Duration? { [smallest, former].compactMap { $0 }.min() }
    }

    private static let span = Duration.seconds(5)
    private let begin = ContinuousClock.now
    private let state = Mutex(State())

    /// Since this worker was made.
    var now: Duration { begin.duration(to: .now) }

    /// Takes note of what Redis' clock was a moment ago.
    ///
    /// - Parameter redis: in ms since 1970.
    func heard(_ redis: Int, at now: Duration? = nil) {
        let now = now ?? self.now
        let difference = now - .milliseconds(redis)
        state.withLock { state in
            if now - state.since > Self.span {
                state.former = now - state.since > Self.span * 2 ? nil : state.smallest
                (state.smallest, state.since) = (difference, now)
            } else {
                state.smallest = min(state.smallest ?? difference, difference)
            }
        }
    }

    /// When it is `redis` ms on Redis' clock; nil if Redis was not heard.
    func moment(_ redis: Int) -> ContinuousClock.Instant? {
        state.withLock(\.difference).map { begin + $0 + .milliseconds(redis) }
    }

    /// - Parameter granted: the moment for which a permit was granted, in ms of Redis' clock.
    /// - Returns: false if it is to be exchanged.
    func mayUse(_ granted: Int, at now: Duration? = nil) -> Bool {
        let now = now ?? self.now
        return state.withLock { state in
            guard let difference = state.difference, now - difference - .milliseconds(granted) > Self.good else {
                state.inTime = min(state.inTime + 1, Self.atOnce * (Self.share - 1))
                return true
            }
            guard state.inTime >= Self.share - 1 else { return true }
            state.inTime -= Self.share - 1
            return false
        }
    }
}
