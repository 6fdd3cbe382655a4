/// The wait for the first item of a batch. One taker waits.
///
/// | phase | `begin` | `gathered` | `close` |
/// |---|---|---|---|
/// | open | → waiting | | → closed |
/// | waiting | | wakes the taker → open | wakes the taker → closed |
/// | closed | does not wait | | |
enum BatchWait {
    typealias Taker = CheckedContinuation<Void, Never>

    case open
    case waiting(Taker)
    case closed

    var isClosed: Bool { if case .closed = self { true } else { false } }

    /// - Returns: whether the taker waits.
    mutating func begin(_ taker: Taker) -> Bool {
        guard !isClosed else { return false }
        self = .waiting(taker)
        return true
    }

    /// - Returns: the taker to resume outside the lock.
    mutating func gathered() -> Taker? {
        guard case .waiting(let taker) = self else { return nil }
        self = .open
        return taker
    }

    /// - Returns: the taker to resume outside the lock.
    mutating func close() -> Taker? {
        defer { self = .closed }
        return if case .waiting(let taker) = self { taker } else { nil }
    }
}
