internal import CHiredis
internal import Foundation
internal import Glibc
internal import Synchronization

/// Listens on channels, with its own thread and its own connection. It reconnects when the connection breaks.
///
/// Messages that are published while there is no connection are missed. Use it only to learn earlier of changes that can
/// also be read.
public final class RedisSubscription: Sendable {
    private let url: RedisURL
    private let name: String
    private let channels: [String]
    private let question: RedisCommand?
    private let listening: @Sendable (_ answer: RedisReply?) -> Void
    private let silence: Duration
    private let lost: @Sendable () -> Void
    private let heard: @Sendable (_ channel: String, _ message: [UInt8]) -> Void
    /// An eventfd that wakes the thread when it must end or reconnect.
    private let bell: Int32
    private let state = Mutex(State())

    private struct State {
        var started = false
        var closed = false
        /// `reconnect` was called.
        var moves = false
        var ended = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    /// Does not connect yet.
    ///
    /// - Parameters:
    ///   - name: shown by `CLIENT LIST`.
    ///   - channels: one or more.
    ///   - question: a command to send before each subscribe, such as `INFO server`.
    ///   - silence: after this time without input it sends a PING; after the same time again, the connection counts as
    ///     broken.
    ///   - listening: called with the answer each time it has subscribed, also after a reconnect.
    ///   - lost: called each time the connection breaks, and after each failed attempt to connect.
    ///   - heard: called for each message, on the subscription's thread: return quickly.
    public init(
        _ url: RedisURL, name: String, channels: [String], asking question: RedisCommand? = nil,
        silence: Duration = .seconds(15), listening: @escaping @Sendable (_ answer: RedisReply?) -> Void = { _ in },
        lost: @escaping @Sendable () -> Void = {},
        heard: @escaping @Sendable (_ channel: String, _ message: [UInt8]) -> Void
    ) {
        self.url = url
        self.name = name
        self.channels = channels
        self.question = question
        self.silence = silence
        self.listening = listening
        self.lost = lost
        self.heard = heard
        bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit {
        Glibc.close(bell)
    }

    /// Starts the thread, which connects and listens until `close`. Call it once.
    public func start() {
        state.withLock { $0.started = true }
        let thread = Thread { [self] in listen() }
        thread.name = "subscription"
        thread.start()
    }

    /// Ends the thread and returns when it has ended; this is immediate unless it is connecting.
    public func close() async {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state in
                state.closed = true
                if state.started && !state.ended {
                    state.closers.append(continuation)
                    return false
                }
                return true
            }
            _ = eventfd_write(bell, 1)  // fails only after 2⁶⁴ unread rings
            if ended { continuation.resume() }
        }
    }

    /// Replaces the connection: its server may have become a replica, where nothing is published.
    public func reconnect() {
        state.withLock { $0.moves = true }
        _ = eventfd_write(bell, 1)  // fails only after 2⁶⁴ unread rings
    }

    private var goesOn: Bool { state.withLock { !$0.closed } }

    /// Whether `reconnect` has been called since the last time.
    private func takeMove() -> Bool {
        state.withLock { state in
            defer { state.moves = false }
            return state.moves
        }
    }

    private func listen() {
        var backoff = Backoff()
        while goesOn {
            if takeMove() { clearBell() }
            // Without an eventfd (too many files are open) this only waits; `close` takes effect after the delay.
            _ = Poll.one(bell, POLLIN, for: backoff.next())
            guard goesOn else { break }
            do {
                try listen { backoff.reset() }
            } catch {
                lost()
            }
        }
        let closers = state.withLock { state in
            state.ended = true
            return state.closers
        }
        for closer in closers { closer.resume() }
    }

    private func clearBell() {
        var rings: eventfd_t = 0
        _ = eventfd_read(bell, &rings)
        // `close` may have rung in the meantime.
        if !goesOn { _ = eventfd_write(bell, 1) }
    }

    private func listen(_ connected: () -> Void) throws(RedisError) {
        var socket = try RedisSocket.connect(url, timeout: .seconds(2), clientName: name)
        let answer: RedisReply? = if let question { try socket.call(question, timeout: .seconds(2)) } else { nil }
        var subscribe = RedisCommand("SUBSCRIBE", arguments: channels.count)
        for channel in channels { subscribe.append(channel) }
        try socket.write(subscribe.bytes)
        var confirmed = 0
        var asked = false
        while goesOn {
            var entries = [
                pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
                pollfd(fd: socket.fd, events: Int16(socket.hasOutput ? POLLIN | POLLOUT : POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, Poll.milliseconds(silence)) != 0 else {
                // A PING detects a connection that died silently.
                if asked { throw .unreachable(endpoint: socket.endpoint, reason: "no answer to PING") }
                asked = true
                try socket.write(RedisCommand("PING", arguments: 0).bytes)
                continue
            }
            if takeMove() {
                clearBell()
                throw .unreachable(endpoint: socket.endpoint, reason: "a new connection was requested")
            }
            try socket.flush()
            guard entries[1].revents & ~Int16(POLLOUT) != 0 else { continue }
            asked = false
            var replies: [RedisReply] = []
            try socket.read { reply throws(RedisError) in replies.append(reply) }
            for reply in replies where try hear(reply, from: socket.endpoint) {
                confirmed += 1
                guard confirmed == channels.count else { continue }
                connected()
                listening(answer)
            }
        }
    }

    /// - Returns: true if the reply confirms a channel.
    private func hear(_ reply: RedisReply, from endpoint: String) throws(RedisError) -> Bool {
        if case .error(let text) = reply { throw .unreachable(endpoint: endpoint, reason: text) }
        guard let parts = reply.array, let kind = parts.first?.string else { return false }
        if kind == "message", parts.count == 3, let channel = parts[1].string, case .bytes(let message) = parts[2] {
            heard(channel, message)
        }
        return kind == "subscribe"
    }
}
