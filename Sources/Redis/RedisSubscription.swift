internal import Foundation
internal import Synchronization

/// Listens on channels, from a thread and a connection of its own, which it makes again when it breaks.
///
/// What is published while there is no connection is missed: use it to hear sooner of what can also be read.
public final class RedisSubscription: Sendable {
    private let url: RedisURL
    private let name: String
    private let channels: [String]
    private let listening: @Sendable () -> Void
    private let heard: @Sendable (_ channel: String, _ message: [UInt8]) -> Void
    private let state = Mutex(State())

    private struct State {
        var closed = false
        var ended = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    /// Starts nothing yet.
    ///
    /// - Parameters:
    ///   - name: shown by `CLIENT LIST`.
    ///   - channels: one or more.
    ///   - listening: called each time that it hears the channels from now on, also after a reconnect.
    ///   - heard: called for each message, on the subscription's thread: do little.
    public init(
        _ url: RedisURL, name: String, channels: [String], listening: @escaping @Sendable () -> Void = {},
        heard: @escaping @Sendable (_ channel: String, _ message: [UInt8]) -> Void
    ) {
        self.url = url
        self.name = name
        self.channels = channels
        self.listening = listening
        self.heard = heard
    }

    public func start() {
        let thread = Thread { [self] in listen() }
        thread.name = "subscription"
        thread.start()
    }

    /// Ends the thread; returns when it has ended, within a tenth of a second unless it is connecting.
    public func close() async {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state in
                state.closed = true
                if !state.ended { state.closers.append(continuation) }
                return state.ended
            }
            if ended { continuation.resume() }
        }
    }

    private var goesOn: Bool { state.withLock { !$0.closed } }

    private func listen() {
        var backoff = Backoff()
        while goesOn {
            Thread.sleep(forTimeInterval: backoff.next() / .seconds(1))
            // A broken connection is made again; until then there is nothing to hear and nobody to tell.
            try? listen { backoff.reset() }
        }
        let closers = state.withLock { state in
            state.ended = true
            return state.closers
        }
        closers.forEach { $0.resume() }
    }

    private func listen(_ connected: () -> Void) throws(RedisError) {
        var socket = try RedisSocket.connect(url, timeout: .seconds(2), clientName: name)
        var subscribe = RedisCommand("SUBSCRIBE", arguments: channels.count)
        for channel in channels { subscribe.append(channel) }
        var confirmed = 0
        var silentSince = ContinuousClock.now
        try socket.write(subscribe.bytes)
        while goesOn {
            let replies = try socket.receive(within: .milliseconds(100))
            if !replies.isEmpty { silentSince = .now }
            for reply in replies {
                guard let parts = reply.array, let kind = parts.first?.string else { continue }
                if kind == "message", parts.count == 3, let channel = parts[1].string, case .bytes(let text) = parts[2] {
                    heard(channel, text)
                } else if kind == "subscribe" {
                    confirmed += 1
                    if confirmed == channels.count {
                        connected()
                        listening()
                    }
                }
            }
            // A connection that died silently is noticed by asking.
            if silentSince.duration(to: .now) > .seconds(30) {
                throw .unreachable(endpoint: socket.endpoint, reason: "no answer to PING within 15 s")
            }
            if silentSince.duration(to: .now) > .seconds(15), !socket.hasOutput {
                try socket.write(RedisCommand("PING", arguments: 0).bytes)
            }
        }
    }
}
