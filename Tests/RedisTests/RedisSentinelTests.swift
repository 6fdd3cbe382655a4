import PackhorseRedis
import Servers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(6))) struct RedisSentinelTests {
    @Test func findsTheMasterAlsoAfterAFailover() async throws {
        let all = try await RedisSentinels.start()
        let named = all.address.replacing(RedisSentinels.master, with: "other")
        guard case .unreachable("Sentinel's other", let reason) = try await refusal(named) else {
            Issue.record("a master that nobody knows was found")
            return
        }
        #expect(reason.contains("it watches no master named other"))

        try await connected(all.url, timeout: .seconds(20)) { redis async throws in
            #expect(try await port(redis) == all.servers[0].port)
            #expect(try await redis.send(command("SET", "k", "v")).string == "OK")
            #expect(try await redis.send(command("WAIT", "2", "30000"), timeout: .seconds(40)).int == 2)

            await all.servers[0].kill()
            // One command may find the connection breaking; the next waits for the failover.
            _ = await failure { try await redis.send(command("PING"), timeout: .seconds(120)) }
            #expect(try await redis.send(command("GET", "k"), timeout: .seconds(120)).string == "v")
            #expect(try await redis.send(command("SET", "k", "w"), timeout: .seconds(120)).string == "OK")
            // Replicated, it survives also a second failover, which the sentinels may decide on.
            #expect(try await redis.send(command("WAIT", "1", "30000"), timeout: .seconds(40)).int == 1)
            let master = try await port(redis)
            #expect(all.servers[1...].map(\.port).contains(master))
        }

        // A sentinel that is gone is skipped.
        await all.killSentinel(0)
        let value = try await connected(all.url) { redis in try await redis.send(command("GET", "k")).string }
        #expect(value == "w")
        await all.stop()
        guard case .unreachable("Sentinel's mymaster", let reason) = try await refusal(all.address) else {
            Issue.record("a master was found without sentinels")
            return
        }
        for port in all.ports { #expect(reason.contains("127.0.0.1:\(port): Connection refused")) }
    }

    @Test(.redis(tcp: true)) func aServerThatIsNotAMasterIsRefused() async throws {
        let server = RedisServer.current
        try await connected(server.url) { redis async throws in
            _ = try await redis.send(command("REPLICAOF", "127.0.0.1", "1"))
        }
        let host = "127.0.0.1"
        let port = "\(server.port ?? 0)"
        let sentinel = try ScriptedServer(
            greeting: "*2\r\n$\(host.utf8.count)\r\n\(host)\r\n$\(port.utf8.count)\r\n\(port)\r\n", tcp: true
        ) { _ in nil }
        defer { sentinel.stop() }
        let error = try await refusal("redis+sentinel://\(sentinel.address)/m")
        guard case .unreachable("Sentinel's m", let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "\(host):\(port): Sentinel names it as the master, but it is a replica")
    }

    private func port(_ redis: RedisConnection) async throws -> Int? {
        try await redis.send(command("CONFIG", "GET", "port"), timeout: .seconds(120)).array?.last?.int
    }
}
