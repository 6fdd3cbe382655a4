/// The claim loop's wait for room. One loop waits at a time.
///
/// | phase | `ask`, there is room | `ask`, there is none | `found` | `nudge` | `close` |
/// |---|---|---|---|---|---|
/// | idle | gets the room | → waiting | | → nudged | → closed |
/// | waiting | | | gets the room → idle | gets 0 → idle | gets nil → closed |
/// | nudged | gets 0 → idle | gets 0 → idle | | | → closed |
/// | closed | gets nil | gets nil | | | |
struct RoomWait {
    typealias Loop = CheckedContinuation<Int?, Never>

    /// What the loop gets; call `give` outside the lock.
    struct Answer: Sendable {
        fileprivate let loop: Loop
        fileprivate let room: Int?

        func give() { loop.resume(returning: room) }
    }

    private enum Phase {
        case idle
        case waiting(Loop)
        /// The loop must check its lease.
        case nudged
        /// Nothing more is claimed.
        case closed
    }

    private var phase = Phase.idle

    /// - Returns: nil for a loop that waits from now on.
    mutating func ask(_ loop: Loop, room: Int?) -> Answer? {
        switch phase {
        case .idle:
            if let room { return Answer(loop: loop, room: room) }
            phase = .waiting(loop)
            return nil
        case .waiting: preconditionFailure("two claim loops wait for room")
        case .nudged:
            phase = .idle
            return Answer(loop: loop, room: 0)
        case .closed: return Answer(loop: loop, room: nil)
        }
    }

    /// - Parameter room: nil if there is none.
    mutating func found(_ room: Int?) -> Answer? {
        guard let room, case .waiting(let loop) = phase else { return nil }
        phase = .idle
        return Answer(loop: loop, room: room)
    }

    mutating func nudge() -> Answer? {
        switch phase {
        case .idle: phase = .nudged
        case .waiting(let loop):
            phase = .idle
            return Answer(loop: loop, room: 0)
        case .nudged, .closed: break
        }
        return nil
    }

    mutating func close() -> Answer? {
        defer { phase = .closed }
        return if case .waiting(let loop) = phase { Answer(loop: loop, room: nil) } else { nil }
    }
}
