internal import Enqueue
internal import Queue
internal import PackhorseRedis
internal import Programs
internal import Settings

/// A command's connection to Redis, for as long as it runs.
struct Session {
    let enqueue: Enqueue
    let url: RedisURL

    /// Connects, runs `body`, and closes what was opened, however `body` ends.
    ///
    /// - Parameter signals: those that cancel `body` if the server is a private one, which its last user must stop.
    static func run(
        _ settings: Settings = Settings(), catching signals: [Int32] = ExitSignals.all,
        _ body: (Session) async throws -> Void
    ) async throws {
        let isPrivate = try settings.redisURL() == nil
        try await ExitSignals.run(catching: isPrivate ? signals : []) { try await open(settings, body) }
    }

    private static func open(_ settings: Settings, _ body: (Session) async throws -> Void) async throws {
        let limit = try settings[.payloadLimit]
        let redis = try await RedisAccess.open(settings)
        do {
            try Task.checkCancellation()
            let enqueue = try await Enqueue(redis: redis.url, payloadLimit: limit)
            do {
                try await body(Session(enqueue: enqueue, url: redis.url))
            } catch {
                await enqueue.close()
                throw error
            }
            await enqueue.close()
            await redis.close()
        } catch {
            await redis.close()
            throw error
        }
    }
}
