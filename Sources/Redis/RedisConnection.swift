internal import Foundation
internal import Synchronization

/// A connection to Redis for any number of tasks.
///
/// Commands that gather while others are being written go out together in one write, and replies come back in the
/// same order, so many callers share one connection at many times the speed of a round trip each. A thread of its own
/// does all of it. When the connection breaks, every command under way fails with `unreachable` (it may have run or
/// not), and the thread connects again; what is sent meanwhile waits for that, up to its own timeout.
///
/// A command that blocks (`BZPOPMIN`) holds up all behind it: give it a connection of its own.
public final class RedisConnection: Sendable {
    private let mailbox = Mailbox()
    private let url: RedisURL
    private let name: String
    private let connectTimeout: Duration

    /// Starts nothing yet.
    ///
    /// - Parameters:
    ///   - name: shown by `CLIENT LIST`.
    ///   - connectTimeout: for each attempt to connect; looking up a host name alone may take longer.
    public init(_ url: RedisURL, name: String, connectTimeout: Duration = .seconds(5)) {
        self.url = url
        self.name = name
        self.connectTimeout = connectTimeout
    }

    deinit {
        mailbox.close(by: .now, nil)
    }

    /// Connects. Call it once before anything else; after it has thrown, it may be called again.
    public func connect() async throws(RedisError) {
        let result: Result<Void, RedisError> = await withCheckedContinuation { continuation in
            guard mailbox.open(continuation) else { return }
            let pump = Pump(url, name: name, connectTimeout: connectTimeout, mailbox)
            let thread = Thread {
                var pump = pump
                pump.run()
            }
            thread.name = "redis"
            thread.start()
        }
        try result.get()
    }

    /// Sends a command and waits for its reply.
    ///
    /// - Parameter timeout: from now until the reply, including a wait for the connection to come back. When it has
    ///   passed for a command that was sent, the whole connection counts as broken: its other commands fail too.
    /// - Throws: `unreachable`, and while there is no connection `denied` or `untrusted` if that is the reason;
    ///   `garbled`; `closed`. What Redis answers, errors included, is returned.
    public nonisolated(nonsending) func send(
        _ command: consuming RedisCommand, timeout: Duration = .seconds(10)
    ) async throws(RedisError) -> RedisReply {
        try await put(command.finished, behind: nil, timeout)
    }

    /// Sends two commands in one write and waits for both replies. When the first one blocks, Redis runs the second as
    /// soon as the first has its reply: a round trip less than one after the other.
    ///
    /// - Parameter timeout: as for a single command, for both together.
    /// - Throws: as for a single command; then either of them may have run.
    public nonisolated(nonsending) func send(
        _ first: consuming RedisCommand, then second: consuming RedisCommand, timeout: Duration = .seconds(10)
    ) async throws(RedisError) -> (first: RedisReply, second: RedisReply) {
        let one = first.finished
        let kept = ReplySlot()
        let reply = try await put(one + second.finished, behind: (kept, length: one.count), timeout)
        return (kept.take() ?? .null, reply)
    }

    private nonisolated(nonsending) func put(
        _ bytes: [UInt8], behind first: (slot: ReplySlot, length: Int)?, _ timeout: Duration
    ) async throws(RedisError) -> RedisReply {
        let deadline = ContinuousClock.now + timeout
        let result: Result<RedisReply, RedisError> = await withCheckedContinuation { continuation in
            let ahead = first.map {
                Waiter(receiver: .slot($0.slot), deadline: deadline, timeout: timeout, length: $0.length)
            }
            let waiter = Waiter(
                receiver: .task(continuation), deadline: deadline, timeout: timeout,
                length: bytes.count - (first?.length ?? 0))
            mailbox.put(bytes, waiter, behind: ahead)
        }
        return try result.get()
    }

    /// Takes no more commands, waits up to `grace` for the replies to those under way, and ends the thread.
    ///
    /// What is still unanswered then fails with `closed`, as does at once what waits for a connection to come back.
    public func close(within grace: Duration = .seconds(5)) async {
        await withCheckedContinuation { mailbox.close(by: .now + grace, $0) }
    }

    /// How often it has connected: when this number has grown, what lived in the old connection (scripts of a
    /// restarted server, a blocking call) is gone.
    public var generation: Int {
        mailbox.connects.load(ordering: .acquiring)
    }
}
