internal import PackhorseRedis

extension Queue {
    /// The settings of this queue.
    public func config() async throws(QueueError) -> QueueConfig { try await configure(QueueConfig()) }

    /// Changes settings; settings that are not in `changes` stay as they are.
    ///
    /// - Returns: all settings that are set now.
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
