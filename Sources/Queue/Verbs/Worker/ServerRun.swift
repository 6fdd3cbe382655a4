package import PackhorseRedis

/// Which run of a Redis server a worker talks to: another one after a restart or a failover. A lease that lapsed
/// because of that says nothing about the worker (rescue.lua).
package enum ServerRun {
    /// The command that asks the server.
    package static var question: RedisCommand {
        var command = RedisCommand("INFO", arguments: 1)
        command.append("server")
        return command
    }

    /// The `run_id` in its reply; nil if the user may not ask: `INFO` is one of the dangerous commands.
    package static func id(in reply: RedisReply) -> String? {
        let line = reply.string?.split(whereSeparator: \.isNewline).first { $0.hasPrefix("run_id:") }
        return line.map { String($0.dropFirst("run_id:".count)) }
    }
}

extension Queue {
    /// The run of the server that replies now.
    package func serverRun() async throws(QueueError) -> String? {
        ServerRun.id(in: try await send(ServerRun.question))
    }
}
