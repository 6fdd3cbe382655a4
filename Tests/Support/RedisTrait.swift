public import Servers
public import Testing

/// Gives each test a redis-server of its own while it runs: `RedisServer.current`.
public struct RedisTrait: TestTrait, SuiteTrait, TestScoping {
    let tcp: Bool
    let arguments: [String]

    /// On a suite: one server for each of its tests.
    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        let server = try await RedisServer.start(tcp: tcp, arguments)
        do {
            try await RedisServer.$ofThisTest.withValue(server, operation: function)
        } catch {
            await server.kill()
            throw error
        }
        await server.kill()
    }
}

extension Trait where Self == RedisTrait {
    /// A redis-server on a unix socket that keeps nothing on disk.
    public static var redis: RedisTrait { .redis() }

    /// A redis-server with options, such as `.redis(tcp: true, "--requirepass", "secret")`.
    public static func redis(tcp: Bool = false, _ arguments: String...) -> RedisTrait {
        RedisTrait(tcp: tcp, arguments: arguments)
    }
}

extension RedisServer {
    @TaskLocal fileprivate static var ofThisTest: RedisServer?

    /// The server of the test that runs; the test needs the trait `.redis`.
    public static var current: RedisServer {
        guard let ofThisTest else { preconditionFailure("RedisServer.current needs a test with the trait .redis") }
        return ofThisTest
    }
}
