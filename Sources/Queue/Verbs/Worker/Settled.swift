/// A claimed job and its outcome, to be written.
package struct Settled: Sendable {
    /// The claim under which the job ran: the outcome is refused if the worker no longer holds it.
    package let claim: Claim
    /// The outcome to write.
    package let outcome: Outcome

    /// Writes nothing yet; `Queue.settle` does.
    package init(_ claim: Claim, _ outcome: Outcome) {
        self.claim = claim
        self.outcome = outcome
    }
}

extension Settled {
    /// Takes the short path through the script: nothing was stored for the job except its arguments.
    var isPlainSuccess: Bool {
        if claim.attempt == 1, !claim.hasLinks, case .succeeded(_, dropsSteps: false) = outcome { true } else { false }
    }

    /// Approximately how many bytes are written, or read in Redis, to settle it.
    package var size: Int { outcome.size + (isPlainSuccess ? 0 : claim.body.count) }
}
