import PackhorseRedis
import Servers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisLoginTests {
    @Test(.redis(tcp: true, "--requirepass", "hunter2"), arguments: ["hunter3", nil])
    func wrongOrNoPassword(_ password: String?) async throws {
        let login = password.map { ":\($0)@" } ?? ""
        let error = try await refusal("redis://\(login)127.0.0.1:\(RedisServer.current.port ?? 0)")
        #expect(error?.isDenied == true, "\(String(describing: error))")
        #expect(error?.description.contains("hunter") == false)
        #expect(error?.description.contains(password == nil ? "NOAUTH" : "WRONGPASS") == true)
    }

    @Test(.redis(tcp: true, "--requirepass", "a/b @:%"))
    func theRightPassword() async throws {
        let url = try RedisURL("redis://:a%2Fb%20%40%3A%25@127.0.0.1:\(RedisServer.current.port ?? 0)")
        try await connected(url) { redis async throws in #expect(try await redis.send(command("PING")).string == "PONG")
        }
    }

    @Test(.redis) func aPasswordForAServerWithoutOneIsDenied() async throws {
        let error = try await refusal("unix://:hunter2@\(RedisServer.current.socket)")
        #expect(error?.isDenied == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(.redis) func aUserOfTheAccessList() async throws {
        let server = RedisServer.current
        try await connected(server.url) { redis async throws in
            let set = command("ACL", "SETUSER", "me", "on", ">hunter2", "~k:*", "+get", "+set")
            #expect(try await redis.send(set).string == "OK")
        }
        // No right to CLIENT, PING or ROLE: still let in.
        try await connected(RedisURL("unix://me:hunter2@\(server.socket)")) { redis async throws in
            #expect(try await redis.send(command("SET", "k:1", "v")).string == "OK")
            guard case .error(let text) = try await redis.send(command("SET", "other", "v")) else {
                Issue.record("a key that is not the user's was written")
                return
            }
            #expect(text.hasPrefix("NOPERM"))
        }
        #expect(try await refusal("unix://me:hunter3@\(server.socket)")?.isDenied == true)
        #expect(try await refusal("unix://you:hunter2@\(server.socket)")?.isDenied == true)
    }

    @Test(.redis) func databases() async throws {
        let server = RedisServer.current
        try await connected(RedisURL("unix://\(server.socket)?db=3")) { redis async throws in
            _ = try await redis.send(command("SET", "k", "three"))
            _ = try await redis.send(command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"))
            // A new connection is in the same database.
            try await Scratch.wait("a reconnect") {
                await failure { try await redis.send(command("PING")) } == nil && redis.generation == 2
            }
            #expect(try await redis.send(command("GET", "k")).string == "three")
        }
        try await connected(server.url) { redis async throws in
            #expect(try await redis.send(command("GET", "k")) == .null)
        }
        let error = try await refusal("unix://\(server.socket)?db=16")
        #expect(
            error == .denied(endpoint: server.socket, reason: "database 16: ERR DB index is out of range"))
    }

    @Test(.redis) func anOutageByADenialIsReportedAsADenial() async throws {
        let server = RedisServer.current
        try await connected(server.url) { redis async throws in
            try await connected(server.url) { other async throws in
                _ = try await other.send(command("CONFIG", "SET", "requirepass", "hunter2"))
                _ = try await other.send(command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
            }
            try await Scratch.wait("the break") {
                await failure { try await redis.send(command("PING"), timeout: .milliseconds(100)) }?.isDenied == true
            }
        }
    }

    @Test(.redis("--maxclients", "1")) func aFullServer() async throws {
        let server = RedisServer.current
        try await connected(server.url) { _ in
            let error = try await refusal("unix://\(server.socket)")
            #expect(
                error == .unreachable(endpoint: server.socket, reason: "ERR max number of clients reached"))
        }
    }

    /// As Redis does for other machines when it has neither a password nor `protected-mode no`.
    @Test func aServerInProtectedModeDenies() async throws {
        let text = "DENIED Redis is running in protected mode"
        let server = try ScriptedServer(greeting: "-\(text)\r\n", closes: true) { _ in nil }
        defer { server.stop() }
        let error = try await refusal(server.address)
        guard case .denied(_, text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
