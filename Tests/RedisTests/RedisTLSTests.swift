import PackhorseRedis
import Servers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisTLSTests {
    @Test func aTrustedServer() async throws {
        let tls = try await RedisTLSServer.start()
        for host in ["localhost", "127.0.0.1"] {
            try await connected(RedisURL("rediss://\(host):\(tls.port)?ca=\(tls.authority)")) { redis async throws in
                let value = String(repeating: "0123456789", count: 500_000)
                #expect(try await redis.send(command("SET", "k", value)).string == "OK")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<1000 {
                        group.addTask { () async throws in
                            #expect(try await redis.send(command("ECHO", "\(number)")).string == "\(number)")
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await redis.send(command("GET", "k")).string == value)
            }
        }
        await tls.stop()
    }

    @Test func aTLSConnectionComesBack() async throws {
        let tls = try await RedisTLSServer.start()
        try await connected(RedisURL("rediss://localhost:\(tls.port)?ca=\(tls.authority)")) { redis async throws in
            async let underWay = failure { try await redis.send(command("BLPOP", "none", "0")) }
            try await Scratch.wait("a blocked client") {
                try await connected(RedisURL("unix://\(tls.server.socket)")) { other async throws in
                    try await other.send(command("INFO", "clients")).string?.contains("blocked_clients:1") == true
                }
            }
            await tls.server.kill()
            #expect(await underWay?.isUnreachable == true)
            try await tls.server.restart()
            #expect(try await redis.send(command("PING")).string == "PONG")
        }
        await tls.stop()
    }

    @Test func untrustedServers() async throws {
        let tls = try await RedisTLSServer.start()
        let place = "localhost:\(tls.port)"
        for (address, reason) in [
            ("rediss://\(place)?ca=\(tls.strangeAuthority)", "certificate: self-signed certificate"),
            ("rediss://\(place)", "certificate: self-signed certificate"),
            ("rediss://\(place)?ca=\(tls.authority)&servername=redis.example", "certificate: hostname mismatch"),
            ("rediss://\(place)?ca=\(tls.authority)&servername=127.0.0.2", "certificate: IP address mismatch"),
            ("rediss://\(place)?ca=/nowhere.pem", "ca file /nowhere.pem: "),
            ("rediss://\(place)?ca=\(tls.authority)&cert=/no.pem&key=/no.key", "cert file /no.pem: "),
            (
                "rediss://\(place)?ca=\(tls.authority)&cert=\(tls.clientCertificate)&key=\(tls.authority)",
                "key file \(tls.authority): "
            ),
        ] {
            guard case .untrusted(place, let found) = try await refusal(address) else {
                Issue.record("\(address): \(String(describing: try await refusal(address)))")
                continue
            }
            #expect(found.lowercased().hasPrefix(reason.lowercased()), "\(found)")
        }
        let wrongName = "rediss://127.0.0.1:\(tls.port)?ca=\(tls.authority)&servername=localhost"
        #expect(try await refusal(wrongName) == nil)
        await tls.stop()
    }

    @Test func aClientCertificate() async throws {
        let tls = try await RedisTLSServer.start(requiresClient: true)
        let without = "rediss://localhost:\(tls.port)?ca=\(tls.authority)"
        let error = try await refusal(without)
        #expect(error?.isUntrusted == true, "\(String(describing: error))")
        #expect(error?.description.contains("certificate required") == true, "\(String(describing: error))")

        let with = without + "&cert=\(tls.clientCertificate)&key=\(tls.clientKey)"
        try await connected(RedisURL(with)) { redis async throws in
            #expect(try await redis.send(command("PING")).string == "PONG")
        }
        await tls.stop()
    }

    @Test(.redis(tcp: true)) func tlsToAServerWithout() async throws {
        let port = RedisServer.current.port ?? 0
        let error = try await refusal("rediss://127.0.0.1:\(port)", timeout: .milliseconds(500))
        #expect(error?.description.contains("TLS") == true)
        #expect(error?.description.contains("redis://") == true)
        #expect(error?.isUnreachable == true || error?.isUntrusted == true)
    }

    @Test func plainToAServerWithTLS() async throws {
        let tls = try await RedisTLSServer.start()
        let error = try await refusal("redis://127.0.0.1:\(tls.port)")
        #expect(error?.description.contains("rediss://") == true, "\(String(describing: error))")
        await tls.stop()
    }
}
