/// Runners that wait for attempts. One is woken at a time; when it has come, it wakes the next.
///
/// | phase | `wake` | `came` | `sleep`, nothing to begin | `sleep`, something to begin |
/// |---|---|---|---|---|
/// | quiet | a sleeper or a new one → waking | | sleeps | stays awake |
/// | waking | nobody | → quiet | sleeps | sleeps: the one that comes begins it |
struct Sleepers {
    /// Resumed with true when it is woken, with false if it stays awake.
    typealias Sleeper = CheckedContinuation<Bool, Never>

    /// Which runner comes; call it outside the lock.
    enum Call: Sendable {
        case nobody
        case sleeper(Sleeper)
        /// None sleeps: a new one must be made.
        case new
    }

    private enum Phase {
        case quiet
        /// A runner was woken and has not come yet.
        case waking
    }

    private var phase = Phase.quiet
    private var asleep: [Sleeper] = []

    /// There is something to begin.
    mutating func wake() -> Call {
        guard phase == .quiet else { return .nobody }
        phase = .waking
        return asleep.popLast().map { .sleeper($0) } ?? .new
    }

    /// The runner that was woken is here.
    mutating func came() { phase = .quiet }

    /// - Parameter mayBegin: whether there is something to begin.
    /// - Returns: false for a runner that stays awake.
    mutating func sleep(_ runner: Sleeper, mayBegin: Bool) -> Bool {
        guard !mayBegin || phase == .waking else { return false }
        asleep.append(runner)
        return true
    }
}
