internal import PackhorseRedis

extension Queue {
    /// What is set for this queue.
    public func config() async throws(QueueError) -> QueueConfig { try await configure(QueueConfig()) }

    /// Changes settings; those that `changes` does not have stay as they are.
    ///
    /// - Returns: all that are set now.
    @discardableResult
    public func configure(_ changes: QueueConfig) async throws(QueueError) -> QueueConfig {
        let arguments = changes.arguments
        let reply = try await run(.config, arguments: arguments.count, now: nil) { command in
            for argument in arguments { command.append(argument) }
        }
        var config = QueueConfig()
        for (name, value) in Self.pairs(reply) {
            if let setting = QueueSetting(rawValue: name) { config.values[setting] = value }
        }
        return config
    }
}
