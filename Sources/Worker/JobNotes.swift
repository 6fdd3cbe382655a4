internal import Foundation
internal import Queue
internal import Synchronization

/// Progress and durable steps of one attempt.
final class JobNotes: NoteKeeper {
    private struct State {
        var kept: [String: [UInt8]]?
        var steps = false
        var latest: [UInt8]?
        var sending = false
    }

    private let claim: Claim
    private let queue: Queue
    private let worker: String
    private let state = Mutex(State())

    init(_ claim: Claim, _ queue: Queue, worker: String) {
        self.claim = claim
        self.queue = queue
        self.worker = worker
    }

    /// Results of steps are stored with the job.
    var hasSteps: Bool { state.withLock { $0.steps } }

    private struct Progress: Encodable {
        var done: Int
        var of: Int?
        var note: String?
    }

    /// One write is under way at a time; what is said meanwhile replaces what waits.
    func progress(_ done: Int, of total: Int?, note: String?) {
        guard let json = try? JSONEncoder().encode(Progress(done: done, of: total, note: note)) else { return }
        let first = state.withLock { state in
            state.latest = Array(json)
            let first = !state.sending
            state.sending = true
            return first
        }
        guard first else { return }
        Task {
            while let json = state.withLock({ state in
                let next = state.latest
                state.latest = nil
                if next == nil { state.sending = false }
                return next
            }) {
                // A lost progress report does no harm: the next one replaces it.
                _ = try? await queue.note([(claim, .progress(json))], by: worker)
            }
        }
    }

    func keptStep(_ name: String) async throws -> [UInt8]? {
        if let kept = state.withLock({ $0.kept }) { return kept[name] }
        // The first attempt can't have kept any.
        let kept = claim.attempt == 1 ? [:] : try await queue.steps(of: claim.id)
        state.withLock { state in
            state.kept = kept
            state.steps = state.steps || !kept.isEmpty
        }
        return kept[name]
    }

    func keep(step name: String, result: [UInt8]) async throws {
        let refused = try await queue.note([(claim, .step(name: name, result: result))], by: worker)
        guard refused.isEmpty else { throw StepError.claimLost(name: name) }
        state.withLock { state in
            state.kept = (state.kept ?? [:]).merging([name: result]) { $1 }
            state.steps = true
        }
    }
}
