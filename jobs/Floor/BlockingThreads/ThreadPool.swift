internal import Dispatch
internal import Foundation
internal import Synchronization

/// The threads of `BlockingThreads` and their shared state. They hold this object and not its owner, so that they end
/// with the owner.
final class ThreadPool: Sendable {
    /// The work of one call: exactly one of the two closures is called, once.
    struct Piece: Sendable {
        let id: Int
        let run: @Sendable () -> Void
        let cancel: @Sendable () -> Void
    }

    private struct State {
        var waiting: [Piece] = []
        var lastID = 0
        var threads = 0
        var busy = 0
        var isClosed = false
    }

    private enum Step {
        case run(Piece)
        case look
        case end
    }

    private let name: String
    private let limit: Int
    private let state = Mutex(State())
    /// Signalled once for each added piece, and once for each thread at the end.
    private let wake = DispatchSemaphore(value: 0)

    init(name: String, limit: Int) {
        self.name = name
        self.limit = limit
    }

    func newID() -> Int {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    func add(_ piece: Piece) {
        let needsThread = state.withLock { state in
            state.waiting.append(piece)
            guard state.threads < limit, state.threads - state.busy < state.waiting.count else { return false }
            state.threads += 1
            return true
        }
        if needsThread {
            let thread = Thread { [self] in work() }
            thread.name = name
            thread.start()
        }
        wake.signal()
    }

    /// Does nothing if the piece has begun.
    func cancel(_ id: Int) {
        let piece = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        piece?.cancel()
    }

    func close() {
        let threads = state.withLock { state in
            state.isClosed = true
            return state.threads
        }
        for _ in 0..<threads { wake.signal() }
    }

    private func work() {
        while true {
            wake.wait()
            switch state.withLock({ Self.next(&$0) }) {
            case .run(let piece):
                piece.run()
                state.withLock { $0.busy -= 1 }
            case .look: continue
            case .end: return
            }
        }
    }

    /// There is nothing for a thread that was woken for a piece that has been cancelled since.
    private static func next(_ state: inout State) -> Step {
        guard !state.waiting.isEmpty else { return state.isClosed ? .end : .look }
        state.busy += 1
        return .run(state.waiting.removeFirst())
    }
}
