internal import Foundation
internal import Synchronization

/// A connection to Redis for any number of tasks.
///
/// Commands that gather while others are being written go out together in one write, and replies come back in the
/// same order. So many callers share one connection, many times faster than with one round trip each. A dedicated thread
/// does the work. When the connection breaks, every command in flight fails with `unreachable` (it may have run or not),
/// and the thread reconnects. Commands that are sent in the meantime wait for that, up to their own timeout.
///
/// A command that blocks (`BZPOPMIN`) holds up everything behind it: use a separate connection for it.
public final class RedisConnection: Sendable {
    private let mailbox = Mailbox()
    private let url: RedisURL
    private let name: String
    private let connectTimeout: Duration

    /// Does not connect yet.
    ///
    /// - Parameters:
    ///   - name: shown by `CLIENT LIST`.
    ///   - connectTimeout: for each attempt to connect; resolving a host name alone may take longer.
    public init(_ url: RedisURL, name: String, connectTimeout: Duration = .seconds(5)) {
        self.url = url
        self.name = name
        self.connectTimeout = connectTimeout
    }

    deinit {
        mailbox.close(by: .now, nil)
    }

    /// Connects. Call it once before anything else. If it throws, it may be called again.
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
    /// - Parameter timeout: from now until the reply, including the time until the connection is re-established. If it
    ///   passes for a command that was sent, the whole connection counts as broken: its other commands fail, too.
    /// - Throws: `unreachable`, or, while there is no connection, `denied` or `untrusted` if that is the reason;
    ///   `garbled`; `closed`. Everything that Redis answers is returned, including errors.
    public nonisolated(nonsending) func send(
        _ command: consuming RedisCommand, timeout: Duration = .seconds(10)
    ) async throws(RedisError) -> RedisReply {
        try await post(command, timeout: timeout).reply()
    }

    /// Sends a command and returns at once; the reply is taken later. Redis gets the commands of one task in their order.
    ///
    /// - Parameter timeout: as for `send`.
    public func post(_ command: consuming RedisCommand, timeout: Duration = .seconds(10)) -> PendingReply {
        let bytes = command.finished
        let pending = PendingReply()
        mailbox.put(bytes, Waiter(pending, bytes.count, timeout), behind: nil)
        return pending
    }

    /// Sends two commands in one write and waits for both replies. If the first one blocks, Redis runs the second as soon
    /// as the first is answered, which saves a round trip.
    ///
    /// - Parameter timeout: as for a single command, for both together.
    /// - Throws: as for a single command; each of the two may have run.
    public func send(
        _ first: consuming RedisCommand, then second: consuming RedisCommand, timeout: Duration = .seconds(10)
    ) async throws(RedisError) -> (first: RedisReply, second: RedisReply) {
        let (one, two) = (first.finished, second.finished)
        let (earlier, later) = (PendingReply(), PendingReply())
        mailbox.put(one + two, Waiter(later, two.count, timeout), behind: Waiter(earlier, one.count, timeout))
        return (try await earlier.reply(), try await later.reply())
    }

    /// Runs tasks on the thread of this connection, so that a reply does not have to wake another thread. For a task that
    /// mostly waits for replies of this connection: while it computes, nothing is sent or read.
    public var executor: any TaskExecutor { mailbox }

    /// Accepts no more commands, waits up to `grace` for the replies to those in flight, and ends the thread.
    ///
    /// Commands that are still unanswered then fail with `closed`. Commands that wait for a reconnect fail at once.
    public func close(within grace: Duration = .seconds(5)) async {
        await withCheckedContinuation { mailbox.close(by: .now + grace, $0) }
    }

    /// How often it has connected. If this number has grown, state of the old connection is gone (scripts of a restarted
    /// server, a blocking call).
    public var generation: Int {
        mailbox.connects.load(ordering: .acquiring)
    }
}
