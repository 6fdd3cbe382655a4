import Dispatch
import PackhorseRedis
import Servers
import Synchronization
import TestSupport
import Testing

/// What senders see when the connection breaks, and that it comes back.
@Suite(.timeLimit(.minutes(3))) struct RedisBreakTests {
    @Test(.redis) func aKilledServerFailsAllThatIsUnderWay() async throws {
        let server = RedisServer.current
        try await connected(server.url) { redis async throws in
            await server.pause()
            let failures = await withTaskGroup(of: RedisError?.self) { group in
                for _ in 0..<100 { group.addTask { await failure { try await redis.send(command("INCR", "n")) } } }
                try? await Task.sleep(for: .milliseconds(100))  // until they are in the frozen server's socket
                await server.kill()
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(failures.count == 100)
            #expect(failures.allSatisfy { $0?.isUnreachable == true })

            try await server.restart()
            #expect(try await redis.send(command("INCR", "n")).int == 1)
            #expect(redis.generation == 2)
        }
    }

    /// Its thread sleeps without a limit then, and the sender writes the command itself: who watches the time?
    @Test(.redis) func aReplyIsMissedAlsoAfterALongRest() async throws {
        let server = RedisServer.current
        try await connected(server.url) { redis async throws in
            _ = try await redis.send(command("PING"))
            try await Task.sleep(for: .seconds(1.5))  // the rest itself: after a second the thread needs the bell
            await server.pause()
            let late = await failure { try await redis.send(command("PING"), timeout: .milliseconds(200)) }
            server.resume()
            if case .unreachable = late { return }
            Issue.record("\(String(describing: late))")
        }
    }

    /// A task that runs on the connection's thread: what is left of it there when the connection breaks goes on elsewhere.
    @Test(.redis) func aTaskOnItsThreadOutlivesTheConnection() async throws {
        let server = RedisServer.current
        try await connected(server.url) { redis async throws in
            let begun = Atomic(false), ended = Atomic(false)
            let gate = DispatchSemaphore(value: 0)
            Task(executorPreference: redis.executor) {
                begun.store(true, ordering: .relaxed)
                hold(gate)
            }
            try await Scratch.wait("the first task") { begun.load(ordering: .relaxed) }
            // While the thread is held up, it can see neither the break nor the second task; then both at once.
            Task(executorPreference: redis.executor) { ended.store(true, ordering: .relaxed) }
            await server.kill()
            gate.signal()
            try await Scratch.wait("the second task") { ended.load(ordering: .relaxed) }
        }
    }

    @Test(.redis) func aShortOutageIsBridged() async throws {
        let server = RedisServer.current
        try await connected(server.url) { redis async throws in
            await server.kill()
            try await seeBreak(redis)
            async let replies = withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await redis.send(command("INCR", "n"), timeout: .seconds(20)).int }
                }
                return try await group.reduce(into: Set<Int?>()) { $0.insert($1) }
            }
            try await Task.sleep(for: .milliseconds(50))  // they are in the mailbox by now; later would prove less
            try await server.restart()
            #expect(try await replies == Set(1...50))
        }
    }

    @Test(.redis) func anOutageIsReportedWhenTheTimeIsUp() async throws {
        let server = RedisServer.current
        try await connected(server.url) { redis async throws in
            await server.kill()
            try await seeBreak(redis)
            let start = ContinuousClock.now
            async let long = redis.send(command("ECHO", "long"), timeout: .seconds(20))
            let short = await failure { try await redis.send(command("ECHO", "short"), timeout: .milliseconds(200)) }
            #expect(.now - start > .milliseconds(200))
            guard case .unreachable(let endpoint, let reason) = short else {
                Issue.record("\(String(describing: short))")
                return
            }
            #expect(endpoint == server.socket)
            #expect(["Connection refused", "No such file or directory"].contains(reason))
            try await server.restart()
            #expect(try await long.string == "long")
        }
    }

    @Test(.redis) func aHangingServerIsNoticedAndComesBack() async throws {
        let server = RedisServer.current
        try await connected(server.url, timeout: .milliseconds(300)) { redis async throws in
            await server.pause()
            let start = ContinuousClock.now
            let hasty = await failure { try await redis.send(command("PING"), timeout: .milliseconds(300)) }
            #expect(.now - start >= .milliseconds(300))
            #expect(hasty == .unreachable(endpoint: server.socket, reason: "no reply within 0.3 seconds"))

            // The frozen server's kernel still accepts: connecting fails for lack of an answer.
            let next = await failure { try await redis.send(command("PING"), timeout: .milliseconds(800)) }
            #expect(next?.isUnreachable == true)
            server.resume()
            #expect(try await redis.send(command("PING")).string == "PONG")
            #expect(redis.generation == 2)
        }
    }

    @Test func commandsInFrontOfOneThatTimesOutFailWithIt() async throws {
        let (inputs, input) = AsyncStream.makeStream(of: Int.self)
        let server = try ScriptedServer { connection in
            input.yield(connection)
            return []
        }
        defer { server.stop() }
        try await connected(RedisURL(server.address)) { redis async throws in
            async let patient = failure { try await redis.send(command("PING"), timeout: .seconds(50)) }
            #expect(await inputs.first { _ in true } == 1)
            let start = ContinuousClock.now
            let hasty = await failure { try await redis.send(command("PING"), timeout: .milliseconds(100)) }
            #expect(hasty?.isUnreachable == true)
            #expect(.now - start < .seconds(20))
            #expect(await patient == hasty)
        }
    }

    @Test(.redis(tcp: true)) func cutAndBack() async throws {
        let proxy = try FaultProxy(to: RedisServer.current.port ?? 0)
        defer { proxy.stop() }
        try await connected(RedisURL("redis://127.0.0.1:\(proxy.port)")) { redis async throws in
            #expect(try await ping(redis).string == "PONG")
            async let underWay = failure { try await redis.send(command("BLPOP", "none", "0")) }
            try await Scratch.wait("a blocked client") {
                try await connected(RedisServer.current.url) { other async throws in
                    try await other.send(command("INFO", "clients")).string?.contains("blocked_clients:1") == true
                }
            }
            proxy.mode = .cut
            #expect(await underWay?.isUnreachable == true)
            #expect(await failure { try await ping(redis, .milliseconds(300)) }?.isUnreachable == true)
            proxy.mode = .pass
            #expect(try await ping(redis).string == "PONG")
        }
    }

    @Test(.redis(tcp: true)) func swallowedBytesAreNoticed() async throws {
        let proxy = try FaultProxy(to: RedisServer.current.port ?? 0)
        defer { proxy.stop() }
        try await connected(RedisURL("redis://127.0.0.1:\(proxy.port)"), timeout: .milliseconds(300)) {
            redis async throws in
            proxy.mode = .hang
            #expect(await failure { try await ping(redis, .milliseconds(200)) }?.isUnreachable == true)
            proxy.mode = .pass
            #expect(try await ping(redis).string == "PONG")
        }
        proxy.mode = .hang
        let reason = try await refusal("redis://127.0.0.1:\(proxy.port)", timeout: .milliseconds(200))
        #expect(
            reason == .unreachable(endpoint: "127.0.0.1:\(proxy.port)", reason: "no reply within 0.2 seconds"))
    }

    @Test(.redis(tcp: true)) func aSlowConnectionIsNotTakenForABrokenOne() async throws {
        let proxy = try FaultProxy(to: RedisServer.current.port ?? 0)
        defer { proxy.stop() }
        try await connected(RedisURL("redis://127.0.0.1:\(proxy.port)")) { redis async throws in
            proxy.mode = .slow(.milliseconds(30))
            let value = String(repeating: "x", count: 1_000_000)
            #expect(try await redis.send(command("SET", "k", value)).string == "OK")
            #expect(try await redis.send(command("GET", "k")).string == value)
            #expect(redis.generation == 1)
        }
    }

    @Test func aRefusedPort() async throws {
        let port = try Scratch.freePorts(1)[0]
        let error = try await refusal("redis://127.0.0.1:\(port)")
        #expect(error == .unreachable(endpoint: "127.0.0.1:\(port)", reason: "Connection refused"))
    }

    @Test func anUnknownHost() async throws {
        let error = try await refusal("redis://no-such-host.invalid")
        guard case .unreachable("no-such-host.invalid:6379", let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.hasPrefix("name lookup failed: "))
    }

    @Test(.redis) func aDemotedServerIsLeftAndTriedAgain() async throws {
        let server = RedisServer.current
        try await connected(server.url) { redis async throws in
            try await connected(server.url) { other async throws in
                _ = try await other.send(command("REPLICAOF", "127.0.0.1", "1"))
                let refused = await failure { try await redis.send(command("SET", "k", "v")) }
                guard case .unreachable(_, let reason) = refused, reason.hasPrefix("READONLY") else {
                    Issue.record("\(String(describing: refused))")
                    return
                }
                try await Scratch.wait("a reconnect") { redis.generation == 2 }
                _ = try await other.send(command("REPLICAOF", "NO", "ONE"))
                #expect(try await redis.send(command("SET", "k", "v")).string == "OK")
            }
        }
    }

    @Test func loadingIsUnreachableForTheSender() async throws {
        let server = try ScriptedServer { _ in Array("-LOADING Redis is loading the dataset in memory\r\n".utf8) }
        defer { server.stop() }
        try await connected(RedisURL(server.address)) { redis async throws in
            let refused = await failure { try await ping(redis) }
            guard case .unreachable(_, let reason) = refused, reason.hasPrefix("LOADING") else {
                Issue.record("\(String(describing: refused))")
                return
            }
            #expect(redis.generation == 1)
        }
    }

    @Test func aServerThatIsLoadingLetsNobodyInYet() async throws {
        let server = try ScriptedServer(greeting: "+OK\r\n-LOADING Redis is loading\r\n") { _ in nil }
        defer { server.stop() }
        let error = try await refusal(server.address)
        guard case .unreachable(_, "LOADING Redis is loading") = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\n\r\n", "+OK\r\n+not asked for\r\n"])
    func garbledReplies(_ text: String) async throws {
        let server = try ScriptedServer { connection in Array((connection == 1 ? text : "+PONG\r\n").utf8) }
        defer { server.stop() }
        try await connected(RedisURL(server.address)) { redis async throws in
            let first = await failure { try await ping(redis) }
            if text.hasPrefix("HTTP") {
                guard case .garbled = first else {
                    Issue.record("\(String(describing: first))")
                    return
                }
            }
            try await Scratch.wait("a reconnect") { redis.generation == 2 }
            #expect(try await ping(redis).string == "PONG")
        }
    }

    @Test func aServerThatAlwaysBreaksIsNotAskedWithoutPause() async throws {
        let server = try ScriptedServer { _ in nil }
        defer { server.stop() }
        try await connected(RedisURL(server.address)) { redis async throws in
            let start = ContinuousClock.now
            while redis.generation < 5 { #expect(await failure { try await ping(redis) }?.isUnreachable == true) }
            // The second connect comes at once, the others at least 25, 50 and 100 ms after the one before.
            #expect(.now - start >= .milliseconds(175))
        }
    }
}

private func ping(_ redis: RedisConnection, _ timeout: Duration = .seconds(10)) async throws -> RedisReply {
    try await redis.send(command("PING"), timeout: timeout)
}

/// Returns when the connection is known to be broken: what is sent from then on waits for it to come back.
private func seeBreak(_ redis: RedisConnection) async throws {
    try await Scratch.wait("the break") {
        await failure { try await ping(redis, .milliseconds(100)) }?.isUnreachable == true
    }
}

/// Blocks the thread that runs it, as a task may not.
private func hold(_ gate: DispatchSemaphore) {
    gate.wait()
}
