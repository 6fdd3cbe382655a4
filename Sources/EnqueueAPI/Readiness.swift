internal import PackhorseRedis
internal import Queue

/// Asks Redis for a sign of life, on a connection of its own: a probe that gives up must not break the jobs' one.
struct Readiness: Sendable {
    private let connection: RedisConnection

    init(_ url: RedisURL) {
        connection = RedisConnection(url, name: "packhorse-ready", connectTimeout: .seconds(1))
    }

    /// Whether it answered PING within a second.
    func redisAnswers() async -> Bool {
        do {
            try await connection.connect()
            let reply = try await connection.send(RedisCommand("PING", arguments: 0), timeout: .seconds(1))
            return reply.string == "PONG"
        } catch {
            return false
        }
    }

    /// What there is to worry about; nothing when it does not answer.
    func concerns() async -> [ServerConcern] { (try? await ServerCheck.concerns(on: connection)) ?? [] }

    func close() async { await connection.close(within: .zero) }
}
