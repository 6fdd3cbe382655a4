import Servers

@testable import Queue

/// Sequences that a dead job has halted go on.
extension ModelRun {
    static let sequences = ["k", "k", "k l"]

    mutating func resumeSequence() async throws {
        let key = random.pick(Self.sequences)
        for _ in 0..<twice() {
            log("resume sequence \(key)")
            try expect("resume", try await queue.resumeSequence(key, now: now), model.resumeSequence(key))
        }
    }

    /// What a ready job waits for.
    func compareTurn(_ real: JobRecord) throws {
        try expect("what \(real.id) waits for in its sequence", real.blockedBy, model.blocker(of: real.id))
    }
}
