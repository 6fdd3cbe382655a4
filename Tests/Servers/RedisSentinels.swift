import Foundation
import Glibc
public import PackhorseRedis

/// A master, two replicas of it and three sentinels that watch them; a failover takes about 7 s.
///
/// The sentinels call a server down after 5 s: with much less they take the new master for dead before they have
/// connected to it, or any server that a busy machine holds up, and fail over again.
public final class RedisSentinels: Sendable {
    public static let master = "mymaster"
    /// The first is the master at the beginning.
    public let servers: [RedisServer]
    public let ports: [Int]
    private let sentinels: [ChildProcess]

    public static func start() async throws -> RedisSentinels {
        try await Scratch.onFreePorts(6) { try await start(on: $0) }
    }

    /// - Throws: `PortTaken` if somebody else was faster; what runs by then is ended.
    private static func start(on free: [Int]) async throws -> RedisSentinels {
        var servers: [RedisServer] = []
        var sentinels: [ChildProcess] = []
        do {
            try await startServers(on: Array(free[..<3]), &servers)
            for port in free[3...] { sentinels.append(try sentinel(on: port, master: free[0])) }
            let all = RedisSentinels(servers, Array(free[3...]), sentinels)
            try await all.knowEachOther()
            return all
        } catch {
            await RedisSentinels(servers, [], sentinels).stop()
            throw error
        }
    }

    private static func startServers(on ports: [Int], _ servers: inout [RedisServer]) async throws {
        let atOnce = ["--repl-diskless-sync-delay", "0"]
        for port in ports {
            let follow = port == ports[0] ? [] : ["--replicaof", "127.0.0.1 \(ports[0])"]
            servers.append(try await RedisServer.start(port: port, follow + atOnce))
        }
        let url = try servers[0].url
        try await Scratch.wait("two replicas") {
            let state = try await ask(url, "INFO", "replication").string ?? ""
            return state.components(separatedBy: "state=online").count == 3
        }
    }

    private static func sentinel(on port: Int, master masterPort: Int) throws -> ChildProcess {
        let directory = try Scratch.directory()
        let configuration = """
            port \(port)
            bind 127.0.0.1
            dir \(directory)
            sentinel monitor \(master) 127.0.0.1 \(masterPort) 2
            sentinel down-after-milliseconds \(master) 5000
            sentinel failover-timeout \(master) 10000
            """
        try configuration.write(toFile: directory + "/conf", atomically: true, encoding: .utf8)
        return try ChildProcess("redis-server", [directory + "/conf", "--sentinel"], output: directory + "/log")
    }

    private init(_ servers: [RedisServer], _ ports: [Int], _ sentinels: [ChildProcess]) {
        (self.servers, self.ports, self.sentinels) = (servers, ports, sentinels)
    }

    /// `redis+sentinel://…` with all three sentinels.
    public var address: String {
        "redis+sentinel://" + ports.map { "127.0.0.1:\($0)" }.joined(separator: ",") + "/" + Self.master
    }

    public var url: RedisURL {
        get throws { try RedisURL(address) }
    }

    /// Kills the sentinel of this number, 0 to 2.
    public func killSentinel(_ index: Int) async {
        sentinels[index].signal(SIGKILL)
        await sentinels[index].wait()
    }

    public func stop() async {
        for index in sentinels.indices { await killSentinel(index) }
        for server in servers { await server.kill() }
    }

    private func knowEachOther() async throws {
        for (port, sentinel) in zip(ports, sentinels) {
            let url = try RedisURL("redis://127.0.0.1:\(port)")
            try await Scratch.wait("sentinel \(port) to know all others", for: .seconds(60)) {
                if sentinel.exit != nil { throw PortTaken() }
                guard let reply = try? await Self.ask(url, "SENTINEL", "master", Self.master) else { return false }
                let words = (reply.array ?? []).map { $0.string ?? "" }
                func value(_ name: String) -> String? { words.firstIndex(of: name).map { words[$0 + 1] } }
                return value("num-slaves") == "2" && value("num-other-sentinels") == "2"
            }
            // Else one that stood still for 2 s decides on nothing for 30 s. Older servers have no such switch.
            _ = try? await Self.ask(url, "SENTINEL", "DEBUG", "tilt-trigger", "60000")
        }
    }

    private static func ask(_ url: RedisURL, _ name: StaticString, _ arguments: String...) async throws -> RedisReply {
        let connection = RedisConnection(url, name: "test-support")
        try await connection.connect()
        var command = RedisCommand(name, arguments: arguments.count)
        for argument in arguments { command.append(argument) }
        let reply = try await connection.send(command)
        await connection.close()
        return reply
    }
}
