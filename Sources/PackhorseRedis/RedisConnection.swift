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
        try await post(command, timeout: timeout).reply()
    }

    /// Sends a command whose reply is asked for later. What one task posts arrives in the order in which it posts it.
    ///
    /// - Parameter timeout: as for `send`.
    public func post(_ command: consuming RedisCommand, timeout: Duration = .seconds(10)) -> PendingReply {
        let bytes = command.finished
        let pending = PendingReply()
        mailbox.put(bytes, Waiter(pending, bytes.count, timeout), behind: nil)
        return pending
    }

    /// Sends two commands in one write and waits for both replies. When the first one blocks, Redis runs the second as
    /// soon as the first has its reply: a round trip less than one after the other.
    ///
    /// - Parameter timeout: as for a single command, for both together.
    /// - Throws: as for a single command; then either of them may have run.
    public func send(
        _ first: consuming RedisCommand, then second: consuming RedisCommand, timeout: Duration = .seconds(10)
    ) async throws(RedisError) -> (first: RedisReply, second: RedisReply) {
        let (one, two) = (first.finished, second.finished)
        let (earlier, later) = (PendingReply(), PendingReply())
        mailbox.put(one + two, Waiter(later, two.count, timeout), behind: Waiter(earlier, one.count, timeout))
        return (try await earlier.reply(), try await later.reply())
    }

    /// Runs tasks on the thread of this connection: a reply then wakes no other thread to be heard. For a task that lives
    /// on this connection's replies and does little else; while it computes, nothing is sent or read.
    public var executor: any TaskExecutor { mailbox }

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
