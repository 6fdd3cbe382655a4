import PackhorseRedis
import Servers
import TestSupport

/// A command from words.
func command(_ name: StaticString, _ arguments: String...) -> RedisCommand {
    var command = RedisCommand(name, arguments: arguments.count)
    for argument in arguments { command.append(argument) }
    return command
}

/// Opens a connection, hands it to `use` and closes it on every path.
///
/// - Parameter timeout: of each attempt to connect; a busy machine may miss a short one and gets more.
func connected<Result>(
    _ url: RedisURL, timeout: Duration = .seconds(5), _ use: (RedisConnection) async throws -> Result
) async throws -> Result {
    let connection = RedisConnection(url, name: "test", connectTimeout: timeout)
    do {
        try await Scratch.wait("a connection") { () async throws in
            do throws(RedisError) {
                try await connection.connect()
                return true
            } catch {
                guard error.isUnreachable else { throw error }
                return false
            }
        }
        let result = try await use(connection)
        await connection.close()
        return result
    } catch {
        await connection.close()
        throw error
    }
}

/// The error that connecting ends with; nil if it succeeds.
func refusal(_ address: String, timeout: Duration = .seconds(5)) async throws -> RedisError? {
    let connection = RedisConnection(try RedisURL(address), name: "test", connectTimeout: timeout)
    do {
        try await connection.connect()
        await connection.close()
        return nil
    } catch {
        await connection.close()
        return error
    }
}

extension RedisError {
    var isUnreachable: Bool { if case .unreachable = self { true } else { false } }
    var isDenied: Bool { if case .denied = self { true } else { false } }
    var isUntrusted: Bool { if case .untrusted = self { true } else { false } }
}
