internal import Enqueue
internal import Foundation
internal import Queue
internal import Redis

/// The way to Redis that a command uses, for as long as it runs.
struct Session {
    let enqueue: Enqueue
    let url: RedisURL

    /// Connects, runs `body`, and closes what was opened, however it ends.
    static func run<Value>(_ body: (Session) async throws -> Value) async throws -> Value {
        try await withRedis { url in
            let enqueue = try await Enqueue(redis: url)
            do {
                let value = try await body(Session(enqueue: enqueue, url: url))
                await enqueue.close()
                return value
            } catch {
                await enqueue.close()
                throw error
            }
        }
    }

    static func withRedis<Value>(_ body: (RedisURL) async throws -> Value) async throws -> Value {
        guard let text = ProcessInfo.processInfo.environment["REDIS_URL"] else {
            throw Failure.usage("REDIS_URL is not set")
        }
        return try await body(try RedisURL(text))
    }
}

extension Duration {
    init?(text: String) {
        let digits = text.prefix { $0.isNumber }
        guard let n = Int(digits), let unit = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000][String(text.dropFirst(digits.count))] else { return nil }
        self = .milliseconds(n * unit)
    }
}
