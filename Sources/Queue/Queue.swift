public import PackhorseRedis
internal import Synchronization

/// One queue in Redis: every transition of its jobs is one Lua script.
///
/// All its keys start with `ph:{<name>}:` (docs/keys.md), so the queue is in one hash slot. Every call can be repeated
/// after `QueueError.redis`: ids make enqueue idempotent, and claims fence the other calls.
public struct Queue: Sendable {
    /// Part of every key and of every id of its jobs.
    public let name: QueueName
    let connection: RedisConnection
    /// The beginning of its jobs' names: of their keys in Redis, and of their ids everywhere else.
    private let prefixes: (key: [UInt8], id: [UInt8])

    /// Sends nothing to Redis: a queue exists from its first job on, and is listed once it is registered.
    ///
    /// - Parameter connection: any number of queues may share one.
    public init(_ name: QueueName, on connection: RedisConnection) {
        self.name = name
        self.connection = connection
        prefixes = (Array("ph:{\(name.text)}:job:".utf8), Array("\(name.text).".utf8))
    }

    /// Appends the key of the job's hash, which identifies it in Redis.
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

    /// How often the connection has connected. If this number has grown, Redis may have lost what it had confirmed.
    package var generation: Int { connection.generation }

    /// The job that is named by an element of a reply.
    static func id(_ reply: RedisReply) -> JobID? {
        if case .bytes(let key) = reply { JobID(key: key) } else { nil }
    }

    /// The maximum number of jobs in one script call.
    public static let batchLimit = 1000

    /// The approximate maximum of bytes of arguments or results in one script call, unless a single one is larger: 8
    /// MiB.
    public static let batchBytes = 8 << 20

    /// Runs a script.
    ///
    /// - Parameters:
    ///   - bell: what to wait for first.
    ///   - timeout: of the call if there is no bell, including the loading of the script.
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
    ///   - now: in ms; nil for the server's clock, which everything except tests uses.
    ///   - timeout: for loading the script if Redis does not have it yet.
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

    /// - Parameter sent: the pending reply, if the command was sent already.
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
            (bell, sent) = (nil, nil)  // the bell has rung
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

    /// Scripts are the same for every queue and server, and so are their SHA-1s: Redis returns the SHA-1 when it loads
    /// the text.
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

    /// `CAP <which> <its value>[ <of what>]` in words.
    private static func cap(_ message: String) -> String {
        let parts = message.split(separator: " ", maxSplits: 3).map(String.init)
        guard parts.count >= 3 else { return message }
        let what =
            switch parts[1] {
            case "maxWaiting": "as many jobs wait in the queue as may (maxWaiting \(parts[2]))"
            case "maxBytes":
                "the jobs of the queue that have not ended have as many bytes as they may (maxBytes \(parts[2]))"
            default: "as many jobs of \(parts[1]) '\(parts.count > 3 ? parts[3] : "")' wait as may (\(parts[2]))"
            }
        return what + "; nothing was stored. Enqueue it again when some have run, or raise the cap."
    }

    static func error(_ message: String, from script: Script) -> QueueError {
        if message.hasPrefix("OOM") { return .full(message) }
        if message.hasPrefix("MAXKEYS") {
            return .capReached(
                "the queue remembers as many idempotency keys of ended jobs as it may (maxKeys), and nothing was stored. "
                    + "Wait until some have ended, use shorter periods, or raise maxKeys.")
        }
        if message.hasPrefix("MAXSIGNALS") {
            return .capReached(
                "\(message.dropFirst(11)) are kept already (\(SignalSpec.keptLimit) by a queue, "
                    + "\(SignalSpec.keptByJobLimit) by a job), and nothing was stored. Wait until some have ended, or keep signals "
                    + "for shorter times.")
        }
        if message.hasPrefix("MAXSCHEDULES") {
            return .capReached(
                "the queue has \(scheduleLimit) schedules, the limit; nothing was stored. Remove one, or use another queue."
            )
        }
        if message.hasPrefix("TENANTS") {
            return .capReached("10,000 tenants of the queue have terms, the limit; nothing was stored. Remove some.")
        }
        if message.hasPrefix("CAP ") { return .capReached(cap(message)) }
        if message.hasPrefix("LAPSED") {
            return .lapsed(worker: message.split(separator: " ").last.map(String.init) ?? "?")
        }
        return .refused(script: script.name, message: message)
    }
}
