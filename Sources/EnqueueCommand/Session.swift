internal import Enqueue
internal import Queue
internal import Redis
internal import Settings

/// The way to Redis that a command uses, for as long as it runs.
struct Session {
    let enqueue: Enqueue
    let url: RedisURL

    /// Connects, runs `body`, and closes what was opened, however it ends.
    static func run<Value>(
        _ settings: Settings = Settings(), _ body: (Session) async throws -> Value
    ) async throws -> Value {
        let limit = try settings[.payloadLimit]
        let redis = try await RedisAccess.open(settings)
        do {
            let enqueue = try await Enqueue(redis: redis.url, payloadLimit: limit)
            let value: Value
            do {
                value = try await body(Session(enqueue: enqueue, url: redis.url))
            } catch {
                await enqueue.close()
                throw error
            }
            await enqueue.close()
            await redis.close()
            return value
        } catch {
            await redis.close()
            throw error
        }
    }
}
