internal import EmbeddedRedis
package import PackhorseRedis
package import Settings

/// The Redis that a program uses: the one at REDIS_URL, or else the embedded one.
package struct RedisAccess: Sendable {
    /// The value of REDIS_URL, or the URL of the embedded server's unix socket.
    package let url: RedisURL
    private let embedded: EmbeddedRedis?

    /// - Throws: `SettingsError`, `EmbeddedRedisError`, `CancellationError`. It does not connect to a server at
    ///   REDIS_URL.
    package static func open(_ settings: Settings) async throws -> RedisAccess {
        if let url = try settings.redisURL() { return RedisAccess(url: url, embedded: nil) }
        let embedded = try await EmbeddedRedis.open(home: try settings[.home])
        return RedisAccess(url: embedded.url, embedded: embedded)
    }

    /// Call this when the program is done with Redis.
    package func close() async { await embedded?.close() }
}
