internal import Queue
internal import Synchronization

/// Where the jobs of a batch wait for each other: each has passed its middleware, and one handler answers all.
final class Gathering: Sendable {
    /// A job that waits for its part of the answer.
    struct Guest: Sendable {
        let seat: Int
        let arguments: Payload
        let answer: CheckedContinuation<Payload, any Error>
    }

    private struct State {
        var guests: [Guest] = []
        /// How many have neither come nor given up.
        var missing: Int
        var host: CheckedContinuation<Void, Never>?

        mutating func oneLess() -> CheckedContinuation<Void, Never>? {
            missing -= 1
            return missing == 0 ? host.take() : nil
        }
    }

    private let state: Mutex<State>

    init(of count: Int) { state = Mutex(State(missing: count)) }

    /// A job comes, and gets its part of the answer.
    func join(_ seat: Int, with arguments: Payload) async throws -> Payload {
        try await withCheckedThrowingContinuation { answer in
            let host = state.withLock { state in
                state.guests.append(Guest(seat: seat, arguments: arguments, answer: answer))
                return state.oneLess()
            }
            host?.resume()
        }
    }

    /// A job has ended; if it never came, nobody waits for it any more.
    func leave(_ seat: Int) {
        let host = state.withLock { state in
            state.guests.contains { $0.seat == seat } ? nil : state.oneLess()
        }
        host?.resume()
    }

    /// Those who have come, once all have come or given up, in the order of their seats.
    func everybody() async -> [Guest] {
        await withCheckedContinuation { host in
            let isComplete = state.withLock { state in
                if state.missing > 0 { state.host = host }
                return state.missing == 0
            }
            if isComplete { host.resume() }
        }
        return state.withLock { $0.guests.sorted { $0.seat < $1.seat } }
    }
}

/// The place of one job in a batch.
struct Seat: Sendable {
    let gathering: Gathering
    let number: Int

    func join(with arguments: Payload) async throws -> Payload { try await gathering.join(number, with: arguments) }
    func leave() { gathering.leave(number) }
}
