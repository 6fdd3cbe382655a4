internal import PackhorseRedis
internal import Queue

/// Checks whether Redis answers, on a separate connection: a probe that gives up must not break the jobs' connection.
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

    /// The problems of the server; empty if it does not answer.
    func concerns() async -> [ServerConcern] { (try? await ServerCheck.concerns(on: connection)) ?? [] }

    func close() async { await connection.close(within: .zero) }
}
