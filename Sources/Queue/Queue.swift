public import PackhorseRedis
internal import Synchronization

/// One queue in Redis: every transition of its jobs, one Lua script each.
///
/// All its keys start with `ph:{<name>}:` (docs/keys.md), so that a queue lives in one hash slot. Every call may be
/// repeated after `QueueError.redis`: ids make enqueue idempotent, claims fence the rest.
public struct Queue: Sendable {
    /// Part of every key and of every id of its jobs.
    public let name: QueueName
    let connection: RedisConnection
    /// What the names of its jobs begin with, in Redis and everywhere else.
    private let prefixes: (key: [UInt8], id: [UInt8])

    /// Asks Redis nothing: a queue is there when its first job is, and listed once it is registered.
    ///
    /// - Parameter connection: any number of queues may share one.
    public init(_ name: QueueName, on connection: RedisConnection) {
        self.name = name
        self.connection = connection
        prefixes = (Array("ph:{\(name.text)}:job:".utf8), Array("\(name.text).".utf8))
    }

    /// Appends what Redis calls a job, the key of its hash.
    func append(_ id: JobID, to command: inout RedisCommand) {
        var text = id.text
        text.withUTF8 { id in
            guard id.starts(with: prefixes.id) else { return command.append(UnsafeRawBufferPointer(id)) }
            command.append(
                prefixes.key, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(id)[prefixes.id.count...]))
        }
    }

    /// What every key of this queue starts with.
    package var base: String { "ph:{\(name.text)}:" }

    /// How often its connection has connected: when this number has grown, Redis may have lost what it had confirmed.
    package var generation: Int { connection.generation }

    /// The job that an element of a reply names.
    static func id(_ reply: RedisReply) -> JobID? {
        if case .bytes(let key) = reply { JobID(key: key) } else { nil }
    }

    /// At most this many jobs go with one script call.
    public static let batchLimit = 1000

    /// And of arguments or results about this many bytes, unless a single one has more: 8 MiB.
    public static let batchBytes = 8 << 20

    /// Runs a script.
    ///
    /// - Parameters:
    ///   - bell: what to wait for first.
    ///   - timeout: of the call, without a bell; loading the script is part of it.
    func run(
        _ script: Script, arguments: Int, capacity: Int = 256, now: Int?, after bell: Bell? = nil,
        timeout: Duration = .seconds(10), fill: (inout RedisCommand) -> Void
    ) async throws(QueueError) -> RedisReply {
        let end = ContinuousClock.now + timeout
        let command = try await command(
            script, arguments: arguments, capacity: capacity, now: now, timeout: timeout, fill: fill)
        return try await reply(to: command, of: script, after: bell, timeout: end - .now)
    }

    /// The call of a script whose arguments, after the clock, are written by `fill`.
    ///
    /// - Parameters:
    ///   - now: in ms; nil for the server's clock, which is what everyone but tests wants.
    ///   - timeout: for loading the script, if Redis does not have it yet.
    func command(
        _ script: Script, arguments: Int, capacity: Int, now: Int?, timeout: Duration = .seconds(10),
        fill: (inout RedisCommand) -> Void
    ) async throws(QueueError) -> RedisCommand {
        var command = RedisCommand("EVALSHA", arguments: 4 + arguments, capacity: capacity)
        let known = Self.digests.withLock { $0[script.name] }
        if let known { command.append(known) } else { command.append(try await load(script, timeout: timeout)) }
        command.append("1")
        command.append(base)
        if let now { command.append(now) } else { command.append("") }
        fill(&command)
        return command
    }

    /// - Parameter sent: the reply on its way, if the command was posted already.
    func reply(
        to command: RedisCommand, of script: Script, after bell: Bell? = nil, sent: PendingReply? = nil,
        timeout: Duration = .seconds(10)
    ) async throws(QueueError) -> RedisReply {
        var (bell, sent) = (bell, sent)
        let end = ContinuousClock.now + timeout
        for _ in 0..<3 {
            let reply: RedisReply
            if let bell {
                reply = try await bell.wait(then: command)
            } else {
                do throws(RedisError) {
                    reply = try await (sent ?? connection.post(command, timeout: max(.zero, end - .now))).reply()
                } catch {
                    throw .redis(error)
                }
            }
            guard case .error(let message) = reply else { return reply }
            guard message.hasPrefix("NOSCRIPT") else { throw Self.error(message, from: script) }
            _ = try await load(script, timeout: max(.zero, end - .now))
            (bell, sent) = (nil, nil)  // it has rung
        }
        throw .refused(
            script: script.name, message: "NOSCRIPT again and again: is something flushing the script cache?")
    }

    func send(_ command: consuming RedisCommand, timeout: Duration = .seconds(10)) async throws(QueueError)
        -> RedisReply
    {
        do {
            return try await connection.send(command, timeout: timeout)
        } catch {
            throw .redis(error)
        }
    }

    /// Scripts are the same for every queue and server, so are their SHA-1s: Redis tells them when it loads the text.
    private static let digests = Mutex<[String: String]>([:])

    private func load(_ script: Script, timeout: Duration) async throws(QueueError) -> String {
        var load = RedisCommand("SCRIPT", arguments: 2, capacity: script.source.count + 64)
        load.append("LOAD")
        load.append(script.source)
        let reply = try await send(load, timeout: timeout)
        guard let digest = reply.string else {
            if case .error(let message) = reply { throw Self.error(message, from: script) }
            throw .refused(script: script.name, message: "SCRIPT LOAD gave no digest")
        }
        Self.digests.withLock { $0[script.name] = digest }
        return digest
    }

    static func error(_ message: String, from script: Script) -> QueueError {
        if message.hasPrefix("OOM") { return .full(message) }
        if message.hasPrefix("MAXKEYS") {
            return .capReached(
                "the queue remembers as many idempotency keys of ended jobs as it may (maxKeys), and nothing was stored. "
                    + "Wait until some have ended, use shorter periods, or raise maxKeys.")
        }
        if message.hasPrefix("LAPSED") {
            return .lapsed(worker: message.split(separator: " ").last.map(String.init) ?? "?")
        }
        return .refused(script: script.name, message: message)
    }
}
