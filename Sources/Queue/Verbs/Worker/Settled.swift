/// A claimed job and its outcome, to be written.
package struct Settled: Sendable {
    /// Under which the job ran: the outcome is refused when the worker does not hold it any more.
    package let claim: Claim
    /// What is to be written.
    package let outcome: Outcome

    /// Writes nothing yet: see `Queue.settle`.
    package init(_ claim: Claim, _ outcome: Outcome) {
        self.claim = claim
        self.outcome = outcome
    }
}

extension Settled {
    /// Goes the short way through the script: nothing was kept of the job but its arguments.
    var isPlainSuccess: Bool {
        if claim.attempt == 1, case .succeeded(_, dropsSteps: false) = outcome { true } else { false }
    }

    /// About how many bytes are written, or read in Redis, to settle it.
    package var size: Int { outcome.size + (isPlainSuccess ? 0 : claim.body.count) }
}
