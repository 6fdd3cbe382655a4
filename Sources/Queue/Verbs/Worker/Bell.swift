package import PackhorseRedis

/// Where an idle worker sleeps: in Redis, on the bells of its queues. Whatever makes a job ready rings a bell.
package struct Bell: Sendable {
    /// The command that sleeps on the bells; the script in `QueueError.refused` if the key of a bell is broken.
    package static let command: StaticString = "BZPOPMIN"

    private let queues: [Queue]
    private let timeout: Duration
    private let connection: RedisConnection

    /// - Parameters:
    ///   - timeout: the maximum time to sleep, at least 1 ms.
    ///   - connection: one that nothing else uses, because it blocks.
    package init(of queues: [Queue], for timeout: Duration, on connection: RedisConnection) {
        self.queues = queues
        self.timeout = max(timeout, .milliseconds(1))
        self.connection = connection
    }

    /// Sends a command after the wait: Redis runs it as soon as the bell rings or the time is up.
    ///
    /// - Returns: the reply of the command.
    /// - Throws: `QueueError.redis` and `.refused`; in both cases the command may have run.
    func wait(then command: RedisCommand) async throws(QueueError) -> RedisReply {
        var wait = RedisCommand(Self.command, arguments: queues.count + 1)
        for queue in queues { wait.append(queue.base + "bell") }
        wait.append("\(Double(timeout.milliseconds) / 1000)")
        let replies: (first: RedisReply, second: RedisReply)
        do throws(RedisError) {
            replies = try await connection.send(wait, then: command, timeout: timeout + .seconds(3))
        } catch {
            throw .redis(error)
        }
        guard case .error(let message) = replies.first else { return replies.second }
        throw .refused(script: "\(Self.command)", message: message)
    }
}

extension Queue {
    /// Wakes one worker that sleeps on this queue's bell, if any.
    package func ring() async throws(QueueError) {
        var command = RedisCommand("ZADD", arguments: 3)
        command.append(base + "bell")
        command.append("0")
        command.append("ring")
        _ = try await send(command)
    }
}
