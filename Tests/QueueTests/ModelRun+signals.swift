import Servers

@testable import Queue

/// Waits for signals, and what is called for them.
extension ModelRun {
    static let signalNames = ["go", "a b"]

    mutating func signal() async throws {
        let name = random.pick(Self.signalNames)
        let only = random.below(2) == 0 ? random.pick(ids) : nil
        // Redis forgets a kept signal by its own clock: the times are longer than a run takes.
        let keep = random.pick([0, 12_000, 12_000, 1_000_000])
        payloads += 1
        for _ in 0..<twice() {
            log("signal \(name) to \(only.map { "\($0)" } ?? "all"), keep \(keep)")
            let wanted = model.signal(name, only: only, payload: payloads, keep: keep, now: now)
            do {
                let resumed = try await queue.signal(
                    name, job: only, payload: Array("\(payloads)".utf8), keep: .milliseconds(keep), now: now)
                try expect("resumed", resumed, wanted)
            } catch QueueError.wrongState {
                try expect("refusal of the signal", nil, wanted)
            }
        }
    }

    /// What a job that was handed out knows of its signals.
    func compareSignals(of id: JobID) async throws {
        guard isSignalled, let job = model.jobs[id] else { return }
        let steps = try await queue.steps(of: id)
        for name in Self.signalNames {
            let wait = try SignalWait(name, timeout: .zero)
            let payload = steps[wait.step].flatMap { Int(String(decoding: $0.bytes, as: UTF8.self)) }
            try expect("signal \(name) of \(id)", payload, job.results[name])
            let isOver = try await queue.isOver(wait, of: id)
            try expect("end of the wait of \(id) for \(name)", isOver, job.waits[name]?.isOver ?? false)
        }
    }

    /// A third of the outcomes, while signals are used.
    mutating func makeWait(_ claim: Claim) -> Model.Outcome? {
        guard isSignalled, random.below(3) == 0 else { return nil }
        return Model.Outcome(
            id: claim.id, attempt: claim.attempt, started: claim.startedAt, verb: .awaiting,
            delay: random.pick([0, 300, 2500, 6000, 100_000]), signal: random.pick(Self.signalNames),
            lookBack: random.pick([0, 0, 1000, 8000]))
    }
}
