internal import Queue
internal import Synchronization

extension Attempt {
    /// Progress and the results of durable steps.
    struct Notes {
        /// The results that earlier attempts stored, once they were read.
        var kept: [String: Payload]?
        /// Whether results of steps are stored with the job.
        var hasSteps = false
        /// The signal for which the attempt ends; the first one, if its tasks wait for several.
        var awaits: SignalWait?
        /// The latest progress that was reported and not yet sent.
        var latest: [UInt8]?
        var sending = false
    }

    private struct Progress: Encodable {
        var done: Int
        var of: Int?
        var note: String?
    }

    /// One write is in flight at a time; progress that is reported meanwhile replaces what waits.
    func progress(_ done: Int, of total: Int?, note: String?) {
        guard let json = try? JSONText.value(Progress(done: done, of: total, note: note)) else { return }
        let first = notes.withLock { notes in
            notes.latest = json
            let first = !notes.sending
            notes.sending = true
            return first
        }
        guard first else { return }
        Task {
            while let json = nextProgress() {
                // A lost report does no harm: the next one replaces it.
                _ = try? await queue.saveProgress([(claim, .progress(json))], by: session.name)
            }
        }
    }

    private func nextProgress() -> [UInt8]? {
        notes.withLock { notes in
            let next = notes.latest.take()
            if next == nil { notes.sending = false }
            return next
        }
    }

    func keptStep(_ name: String) async throws -> Payload? {
        if let kept = notes.withLock({ $0.kept }) { return kept[name] }
        // The first attempt can't have stored results.
        let kept = claim.attempt == 1 ? [:] : try await queue.steps(of: claim.id)
        return notes.withLock { notes in
            // Another step may have been stored meanwhile.
            let all = kept.merging(notes.kept ?? [:]) { $1 }
            notes.kept = all
            notes.hasSteps = !all.isEmpty
            return all[name]
        }
    }

    func keep(step name: String, result: Payload) async throws {
        let refused = try await queue.saveProgress([(claim, .step(name: name, result: result))], by: session.name)
        guard refused.isEmpty else { throw StepError.claimLost(name: name) }
        notes.withLock { notes in
            notes.kept = (notes.kept ?? [:]).merging([name: result]) { $1 }
            notes.hasSteps = true
        }
    }
}
