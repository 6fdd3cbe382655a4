internal import PackhorseRedis

extension Queue {
    /// Takes permits of a key.
    ///
    /// - Parameter taken: the time of permits that were taken and not used yet, to see whether they are still good.
    /// - Returns: Redis' clock at which they may be used, in ms, and how long to wait until then.
    package func permit(
        _ use: LimitUse, taken: Int? = nil, now: Int? = nil
    ) async throws(QueueError) -> (at: Int, wait: Duration) {
        try use.validate()
        let reply = try await run(.permit, arguments: 3, now: now) { command in
            command.append(use.storedKey)
            command.append(use.cost)
            command.append(taken.map { "\($0)" } ?? "")
        }
        guard let parts = reply.array, parts.count == 2, let time = parts[0].int, let wait = parts[1].int else {
            throw .refused(script: "permit", message: "unexpected reply")
        }
        return (time + wait, .milliseconds(wait))
    }
}
