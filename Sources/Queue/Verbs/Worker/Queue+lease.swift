package import PackhorseRedis

/// A worker's lease: one lease for all jobs that it runs.
extension Queue {
    /// Gives a worker's lease back; the jobs that it still held go to the head of the queue.
    ///
    /// - Parameter timeout: for each thousand jobs.
    /// - Returns: how many jobs went back.
    @discardableResult
    package func leave(
        _ worker: String, timeout: Duration = .seconds(10), now: Int? = nil
    ) async throws(QueueError) -> Int {
        var total = 0
        while true {
            let count = try await run(.leave, arguments: 1, now: now, timeout: timeout) { $0.append(worker) }.int ?? 0
            total += count
            if count == 0 { return total }
        }
    }

    /// Registers a worker, and sets the settings of the queue that nobody has set.
    package func join(
        _ worker: String, lease: Duration, about: String, config: QueueConfig = QueueConfig(), now: Int? = nil
    ) async throws(QueueError) {
        let settings = config.arguments
        let reply = try await run(.beat, arguments: 4 + settings.count, now: now) { command in
            command.append(worker)
            command.append(lease.milliseconds)
            command.append(about)
            command.append("join")
            for setting in settings { command.append(setting) }
        }
        _ = try Beat(reply)
    }

    /// Renews a worker's lease.
    ///
    /// - Throws: `QueueError.lapsed` if others have begun to take over its jobs.
    package func beat(_ worker: String, lease: Duration, about: String, now: Int? = nil) async throws(QueueError)
        -> Beat
    {
        let reply = try await run(.beat, arguments: 4, now: now) { command in
            command.append(worker)
            command.append(lease.milliseconds)
            command.append(about)
            command.append("")
        }
        return try Beat(reply)
    }

    /// The same as one command for a separate connection: the heartbeat's thread runs no tasks.
    package func beatCommand(_ worker: String, lease: Duration, about: String) -> RedisCommand {
        var command = RedisCommand("EVAL", arguments: 8, capacity: Script.beat.source.count + 512)
        command.append(Script.beat.source)
        command.append("1")
        command.append(base)
        command.append("")
        command.append(worker)
        command.append(lease.milliseconds)
        command.append(about)
        command.append("")
        return command
    }
}
