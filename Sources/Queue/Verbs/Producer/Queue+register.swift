public import PackhorseRedis

/// The list of the queues on one Redis: the set `ph:queues`.
extension Queue {
    /// The maximum number of queues on one Redis; producers often let their callers choose names.
    public static let countLimit = 1000

    /// Adds the queue to the list, so that operators see it.
    ///
    /// - Throws: `QueueError.invalid` if it is new and there are already 1,000 queues (a few more if several processes
    ///   register at the same time).
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
                "queue '\(name)' is new, and there are already \(Self.countLimit) queues: use one of them, or remove "
                    + "names that are no longer needed from the set ph:queues")
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
