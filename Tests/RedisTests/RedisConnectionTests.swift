import PackhorseRedis
import Servers
import Synchronization
import TestSupport
import Testing

@Suite(.redis, .timeLimit(.minutes(3))) struct RedisConnectionTests {
    @Test func sendsAndAnswers() async throws {
        try await connected(RedisServer.current.url) { redis async throws in
            #expect(try await redis.send(command("SET", "k", "v")) == .bytes(Array("OK".utf8)))
            #expect(try await redis.send(command("GET", "k")).string == "v")
            #expect(try await redis.send(command("GET", "none")) == .null)
            guard case .error(let text) = try await redis.send(command("LPUSH", "k", "x")) else {
                Issue.record("LPUSH on a string worked")
                return
            }
            #expect(text.hasPrefix("WRONGTYPE"))
            #expect(redis.generation == 1)
        }
    }

    @Test func twoInOneWriteAreAnsweredInTheirOrder() async throws {
        try await connected(RedisServer.current.url) { redis async throws in
            let replies = try await redis.send(command("SET", "k", "v"), then: command("GET", "k"))
            #expect(replies.first.string == "OK")
            #expect(replies.second.string == "v")
            guard case .error = try await redis.send(command("LPUSH", "k", "x"), then: command("PING")).first else {
                Issue.record("the first one's error was lost")
                return
            }
            // The second one waits until the first has its reply.
            async let woken = redis.send(command("BLPOP", "list", "0"), then: command("GET", "k"))
            try await connected(RedisServer.current.url) { other async throws in
                try await Scratch.wait("the block") {
                    try await other.send(command("CLIENT", "LIST")).string?.contains("cmd=blpop") == true
                }
                _ = try await other.send(command("SET", "k", "later"))
                _ = try await other.send(command("LPUSH", "list", "x"))
            }
            let (first, second) = try await woken
            #expect(first.array?.last?.string == "x")
            #expect(second.string == "later")
        }
    }

    @Test func showsItsName() async throws {
        let redis = RedisConnection(try RedisServer.current.url, name: "a worker\n1")
        try await redis.connect()
        #expect(try await redis.send(command("CLIENT", "GETNAME")).string == "a-worker-1")
        await redis.close()
    }

    @Test func everyTaskGetsItsOwnReply() async throws {
        try await connected(RedisServer.current.url) { redis async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<200 {
                    group.addTask { () async throws in
                        for round in 0..<500 {
                            let text = "\(task):\(round)"
                            #expect(try await redis.send(command("ECHO", text)).string == text)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let calls = try await redis.send(command("INFO", "commandstats")).string ?? ""
            #expect(calls.contains("cmdstat_echo:calls=100000,"))
        }
    }

    @Test func commandsOfOneTaskRunInOrder() async throws {
        try await connected(RedisServer.current.url) { redis async throws in
            let replies = try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<1000 { group.addTask { try await redis.send(command("INCR", "n")).int } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1 ?? 0) }
            }
            #expect(replies == Set(1...1000))
        }
    }

    @Test func tenMegabytesBothWays() async throws {
        try await connected(RedisServer.current.url) { redis async throws in
            let bytes = [UInt8]((0..<10_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })
            var set = RedisCommand("SET", arguments: 2)
            set.append("big")
            set.append(bytes)
            let sent = set
            async let small = redis.send(command("ECHO", "beside"))
            #expect(try await redis.send(sent).string == "OK")
            #expect(try await small.string == "beside")
            #expect(try await redis.send(command("GET", "big")) == .bytes(bytes))
        }
    }

    @Test func anArrayOfAHundredThousand() async throws {
        try await connected(RedisServer.current.url) { redis async throws in
            let count = 100_000
            var push = RedisCommand("RPUSH", arguments: count + 1, capacity: 2_000_000)
            push.append("list")
            for index in 0..<count { push.append(index) }
            #expect(try await redis.send(push).int == count)
            let reply = try await redis.send(command("LRANGE", "list", "0", "-1"))
            #expect(reply.array?.map(\.int) == Array(0..<count))
        }
    }

    @Test func aBlockingCommandWaitsItsOwnTime() async throws {
        let url = try RedisServer.current.url
        try await connected(url) { bell async throws in
            async let popped = bell.send(command("BLPOP", "list", "20"), timeout: .seconds(25))
            try await connected(url) { redis async throws in
                try await Scratch.wait("a blocked client") {
                    try await redis.send(command("INFO", "clients")).string?.contains("blocked_clients:1") == true
                }
                _ = try await redis.send(command("RPUSH", "list", "x"))
            }
            #expect(try await popped.array?.last?.string == "x")
        }
    }

    /// Many rounds: in some of them the close comes between the start of the connect and its failure.
    @Test func closeReturnsAlsoWhenTheFirstConnectFails() async throws {
        let server = try ScriptedServer(greeting: "no Redis\r\n") { _ in nil }
        defer { server.stop() }
        for round in 0..<200 {
            let redis = RedisConnection(try RedisURL(server.address), name: "test")
            async let connecting = failure { try await redis.connect() }
            try await Task.sleep(for: .microseconds(round * 5))  // another moment in each round
            let closed = Atomic(false)
            Task {
                await redis.close()
                closed.store(true, ordering: .relaxed)
            }
            #expect(await connecting != nil)
            try await Scratch.wait("the close of round \(round)") { closed.load(ordering: .relaxed) }
        }
    }

    @Test func connectMayBeCalledTwiceAndAgainAfterAFailure() async throws {
        let server = RedisServer.current
        let redis = RedisConnection(try server.url, name: "test")
        #expect(await failure { try await redis.send(command("PING")) }?.isUnreachable == true)
        await server.kill()
        #expect(await failure { try await redis.connect() }?.isUnreachable == true)
        try await server.restart()
        async let first: Void = redis.connect()
        async let second: Void = redis.connect()
        try await first
        try await second
        try await redis.connect()
        #expect(redis.generation == 1)
        #expect(try await redis.send(command("PING")).string == "PONG")
        await redis.close()
        #expect(await failure { try await redis.connect() } == .closed)
    }

    @Test func closeWaitsForWhatIsUnderWay() async throws {
        let redis = RedisConnection(try RedisServer.current.url, name: "test")
        try await redis.connect()
        let pending = (0..<10).map { _ in redis.post(command("BLPOP", "none", "0.1"), timeout: .seconds(60)) }
        await redis.close(within: .seconds(60))
        for reply in pending { #expect(try await reply.reply() == .null) }
        #expect(await failure { try await redis.send(command("PING")) } == .closed)
        await redis.close()
    }

    @Test func closeEndsAtItsGrace() async throws {
        let redis = RedisConnection(try RedisServer.current.url, name: "test")
        try await redis.connect()
        async let stuck = failure { try await redis.send(command("BLPOP", "none", "0"), timeout: .seconds(60)) }
        try await Scratch.wait("a blocked client") { try await blocked() }
        await redis.close(within: .milliseconds(50))
        #expect(await stuck == .closed)
        try await Scratch.wait("the client to be gone") { try await !blocked() }
    }

    @Test func aDroppedConnectionEndsItsThread() async throws {
        let url = try RedisServer.current.url
        do {
            let redis = RedisConnection(url, name: "dropped")
            try await redis.connect()
            _ = try await redis.send(command("PING"))
        }
        try await connected(url) { redis async throws in
            try await Scratch.wait("the dropped client to be gone") {
                try await redis.send(command("CLIENT", "LIST")).string?.contains("name=dropped") == false
            }
        }
    }

    @Test func aCancelledTaskStillGetsItsReply() async throws {
        try await connected(RedisServer.current.url) { redis async throws in
            let task = Task { try await redis.send(command("BLPOP", "list", "20"), timeout: .seconds(25)) }
            try await Scratch.wait("a blocked client") { try await blocked() }
            task.cancel()
            try await connected(RedisServer.current.url) { other async throws in
                _ = try await other.send(command("RPUSH", "list", "x"))
            }
            #expect(try await task.value.array?.last?.string == "x")
        }
    }
}

/// The error that `act` throws, nil if none.
func failure<Result>(_ act: () async throws -> Result) async -> RedisError? {
    do {
        _ = try await act()
        return nil
    } catch {
        return error as? RedisError
    }
}

/// Whether a client of this test's server waits in a blocking command.
private func blocked() async throws -> Bool {
    try await connected(RedisServer.current.url) { redis async throws in
        try await redis.send(command("INFO", "clients")).string?.contains("blocked_clients:1") == true
    }
}
