public import PackhorseRedis

/// The list of the queues on one Redis: the set `ph:queues`.
extension Queue {
    /// As many queues as there may be on one Redis; producers often let their callers choose names.
    public static let countLimit = 1000

    /// Lists the queue's name, so that operators see it.
    ///
    /// - Throws: `QueueError.invalid` if it is a new one and there are 1,000 queues already (a few more when several
    ///   processes come at once).
    public func register() async throws(QueueError) {
        func ask(_ command: StaticString, _ arguments: String...) async throws(QueueError) -> Int? {
            var command = RedisCommand(command, arguments: 1 + arguments.count)
            command.append("ph:queues")
            for argument in arguments { command.append(argument) }
            let reply = try await send(command)
            if case .error(let message) = reply { throw .refused(script: "register", message: message) }
            return reply.int
        }
        if try await ask("SISMEMBER", name.text) == 1 { return }
        guard try await ask("SCARD") ?? 0 < Self.countLimit else {
            throw .invalid(
                "queue '\(name)' would be a new one, and there are \(Self.countLimit) already: use one of these, or take "
                    + "names that nobody needs any more out of the set ph:queues")
        }
        _ = try await ask("SADD", name.text)
    }

    /// All queues that were ever used on this Redis, by name.
    public static func all(on connection: RedisConnection) async throws(QueueError) -> [Queue] {
        var command = RedisCommand("SMEMBERS", arguments: 1)
        command.append("ph:queues")
        let reply: RedisReply
        do {
            reply = try await connection.send(command)
        } catch {
            throw .redis(error)
        }
        if case .error(let message) = reply { throw .refused(script: "SMEMBERS ph:queues", message: message) }
        return (reply.array ?? []).compactMap { $0.string }.sorted().compactMap { try? QueueName($0) }
            .map { Queue($0, on: connection) }
    }
}
