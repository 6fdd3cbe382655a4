import Figures
import Queue
import PackhorseRedis
import Servers

/// The servers that all measurements of a run use, one after the other.
struct Session: Sendable {
    let options: Options
    /// Without persistence.
    let plain: Site
    /// With an append-only file that is synced every second.
    let everysec: Site

    init(_ options: Options) async throws {
        self.options = options
        plain = try await Site(["--appendonly", "no"])
        everysec = try await Site(["--appendonly", "yes", "--appendfsync", "everysec"])
    }

    func end() async {
        await plain.end()
        await everysec.end()
    }
}

/// A redis-server on loopback TCP, and a connection that reads its counters.
struct Site: Sendable {
    let server: RedisServer
    let connection: RedisConnection

    init(_ persistence: [String]) async throws {
        server = try await RedisServer.start(tcp: true, persistence + ["--hash-max-listpack-entries", "32"])
        connection = RedisConnection(try server.url, name: "bench")
        try await connection.connect()
    }

    var port: Int { server.port ?? 0 }
    var queue: Queue { Queue(.default, on: connection) }

    /// Empties the server and sets its counters to 0.
    func reset() async throws {
        try await ask("FLUSHALL", "SYNC")
        try await ask("CONFIG", "RESETSTAT")
    }

    @discardableResult
    func ask(_ name: StaticString, _ arguments: String...) async throws -> RedisReply {
        var command = RedisCommand(name, arguments: arguments.count)
        for argument in arguments { command.append(argument) }
        let reply = try await connection.send(command, timeout: .seconds(60))
        if case .error(let message) = reply { throw BenchError("\(name): \(message)") }
        return reply
    }

    /// How many jobs have succeeded; sends one HGET.
    func succeeded() async throws -> Int { try await ask("HGET", queue.base + "totals", "succeeded").int ?? 0 }

    /// Commands that ran since `reset`, including those inside scripts.
    func commands() async throws -> Int {
        try await statistics("stats", "total_commands_processed:").first.flatMap { Int($0.value) } ?? 0
    }

    /// Commands since `reset` that workers sent; the others ran inside scripts.
    func commandsSent() async throws -> Int {
        try await statistics("commandstats", "cmdstat_").reduce(0) { sum, line in
            guard ["eval", "evalsha", "bzpopmin"].contains(line.name) else { return sum }
            return sum + (line.value.split(separator: ",").first.flatMap { Int($0.dropFirst("calls=".count)) } ?? 0)
        }
    }

    func end() async {
        await connection.close(within: .zero)
        await server.kill()
    }

    private func statistics(_ section: String, _ prefix: String) async throws -> [(name: Substring, value: Substring)] {
        let text = try await ask("INFO", section).string ?? ""
        return text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix(prefix) }.map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].dropFirst(prefix.hasSuffix(":") ? 0 : prefix.count), parts.count > 1 ? parts[1] : "")
        }
    }
}

/// Why a measurement failed.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
