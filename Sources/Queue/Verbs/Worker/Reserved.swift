/// The result of a reserve.
package struct Reserved: Sendable {
    /// The jobs that were handed out, highest priority first; empty if no job was ready or the queue is paused.
    package let claims: [Claim]
    /// Redis' clock, in ms since 1970.
    package let now: Int
    /// How long there is nothing to do unless the bell rings; zero if there is more to do at once.
    package let quietFor: Duration

    /// How many slots of the worker they take: jobs that were collected take one together.
    package var slots: Int {
        var (count, last) = (0, Substring?.none)
        for claim in claims {
            let batch = claim.batch
            if batch == nil || batch != last { count += 1 }
            last = batch
        }
        return count
    }

    package init(claims: [Claim], now: Int, quietFor: Duration) {
        self.claims = claims
        self.now = now
        self.quietFor = quietFor
    }
}
