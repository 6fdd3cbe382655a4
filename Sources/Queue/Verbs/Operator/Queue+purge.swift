internal import PackhorseRedis

extension Queue {
    /// Removes one dead job.
    ///
    /// - Returns: false if it was not dead.
    public func purge(_ id: JobID) async throws(QueueError) -> Bool {
        try await run(.purge, arguments: 2, now: nil) { command in
            append(id, to: &command)
            command.append(1)
        }.int == 1
    }

    /// Removes all jobs that are dead now, a thousand per call.
    ///
    /// - Returns: how many.
    public func purgeDead() async throws(QueueError) -> Int {
        var left = try await deadCount()
        var total = 0
        while left > 0 {
            let step = min(left, Self.batchLimit)
            total +=
                try await run(.purge, arguments: 2, now: nil) { command in
                    command.append("")
                    command.append(step)
                }.int ?? 0
            left -= step
        }
        return total
    }

    /// How many jobs are dead now, which limits the calls that handle all of them.
    func deadCount() async throws(QueueError) -> Int {
        var command = RedisCommand("ZCARD", arguments: 1)
        command.append(base + Place.dead.rawValue)
        return try await send(command).int ?? 0
    }
}
