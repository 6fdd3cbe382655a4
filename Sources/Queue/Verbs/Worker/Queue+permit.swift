internal import PackhorseRedis

/// Permits of a key that were taken for a moment.
package struct Permit: Sendable, Equatable {
    /// Redis' clock, in ms since 1970.
    package let now: Int
    /// From when on they may be used, by Redis' clock.
    package let at: Int
    /// Each permit of the key has its own moment: there is no burst. Used late, it would be too close to the next one.
    package let isSpaced: Bool

    /// How long to wait until they may be used.
    package var wait: Duration { .milliseconds(max(0, at - now)) }
}

extension Queue {
    /// Takes permits of a key.
    ///
    /// - Parameter taken: permits that were taken and not used yet, to see whether they are still good: then the reply has
    ///   the same moment. Others are taken if the key was paused meanwhile.
    package func permit(
        _ use: LimitUse, taken: Permit? = nil, now: Int? = nil
    ) async throws(QueueError) -> Permit {
        try use.validate()
        let reply = try await run(.permit, arguments: 3, now: now) { command in
            command.append(use.storedKey)
            command.append(use.cost)
            command.append(taken.map { "\($0.at)" } ?? "")
        }
        guard let parts = reply.array, parts.count == 3, let now = parts[0].int, let at = parts[1].int,
            let spaced = parts[2].int
        else {
            throw .refused(script: "permit", message: "unexpected reply")
        }
        return Permit(now: now, at: at, isSpaced: spaced == 1)
    }
}
