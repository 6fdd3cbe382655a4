/// A connection to Redis for one thread, with blocking calls.
///
/// ```swift
/// var socket = try RedisSocket.connect(url, clientName: "heart")
/// let reply = try socket.call(RedisCommand("PING", arguments: 0), timeout: .seconds(1))
/// ```
/// After a call has thrown, the socket is unusable: discard it and connect again.
public struct RedisSocket: ~Copyable {
    private var wire: Wire
    private var reader: ReplyReader
    private var failure: RedisError?

    /// Finds the server, connects, logs in, selects the database and checks that the server answers.
    ///
    /// With Sentinel, asks the sentinels in turn which server is the master; that server must confirm it.
    ///
    /// - Parameters:
    ///   - timeout: for all of this together; resolving a host name alone may take longer.
    ///   - clientName: shown by `CLIENT LIST`; characters that Redis does not allow there become `-`.
    public static func connect(
        _ url: RedisURL, timeout: Duration = .seconds(5), clientName: String
    ) throws(RedisError) -> RedisSocket {
        try connect(url, clientName: clientName, TimeLimit(timeout))
    }

    static func connect(_ url: RedisURL, clientName: String, _ limit: TimeLimit) throws(RedisError) -> RedisSocket {
        switch url.place {
        case .server(let address):
            var socket = try RedisSocket(address, tls: url.tls, limit)
            try Greeting(url, name: clientName, master: false).say(to: &socket, limit)
            return socket
        case .sentinels(let sentinels, let master, let user, let password):
            let query = SentinelQuery(sentinels: sentinels, master: master, user: user, password: password)
            return try query.connect(url, clientName: clientName, limit)
        }
    }

    /// Connects to one server, without logging in.
    init(_ address: RedisAddress, tls: RedisURL.TLSOptions?, _ limit: TimeLimit) throws(RedisError) {
        let reader: ReplyReader
        do throws(ReplyReader.Malformed) {
            reader = try ReplyReader()
        } catch {
            throw .unreachable(endpoint: address.description, reason: error.reason)
        }
        self.init(wire: try Wire.connect(address, tls: tls, limit), reader: reader)
    }

    private init(wire: consuming Wire, reader: consuming ReplyReader) {
        self.wire = wire
        self.reader = reader
    }

    /// The server that this socket is connected to: `host:port` or the path of a unix socket.
    public var endpoint: String { wire.endpoint }

    /// Sends one command and waits for its reply.
    public mutating func call(_ command: RedisCommand, timeout: Duration) throws(RedisError) -> RedisReply {
        try call(command, TimeLimit(timeout))
    }

    mutating func call(_ command: RedisCommand, _ limit: TimeLimit) throws(RedisError) -> RedisReply {
        var reply = RedisReply.null
        try call([command], limit) { reply = $0 }
        return reply
    }

    /// Sends the commands in one write and passes each reply to `take` as it arrives, in the same order.
    ///
    /// - Throws: `RedisError`; some replies may have been passed on before.
    mutating func call(
        _ commands: [RedisCommand], _ limit: TimeLimit, take: (RedisReply) -> Void
    ) throws(RedisError) {
        if let failure { throw failure }
        do throws(RedisError) {
            try write(commands.flatMap(\.finished))
            var missing = commands.count
            while missing > 0 {
                try wire.waitForInput(limit)
                try read { reply in
                    take(reply)
                    missing -= 1
                }
            }
        } catch {
            failure = error
            throw error
        }
    }
}

/// For a thread that waits for more than this socket.
extension RedisSocket {
    /// For `poll`; closed together with the socket.
    var fd: Int32 { wire.fd }

    /// A descriptor that other threads may write to while no output is pending; nil with TLS.
    var plainDescriptor: Int32? { wire.isEncrypted ? nil : wire.fd }

    /// Whether output is waiting for the socket to become writable; then call `flush`.
    var hasOutput: Bool { wire.hasOutput }

    /// Sends the bytes of commands as far as the socket accepts them at once.
    mutating func write(_ bytes: borrowing [UInt8]) throws(RedisError) {
        try wire.write(bytes)
    }

    mutating func flush() throws(RedisError) {
        try wire.flush()
    }

    /// Reads what has arrived, without waiting, and passes on each complete reply.
    mutating func read(_ take: (RedisReply) throws(RedisError) -> Void) throws(RedisError) {
        try Self.read(&wire, &reader, take)
    }

    private static func read(
        _ wire: inout Wire, _ reader: inout ReplyReader, _ take: (RedisReply) throws(RedisError) -> Void
    ) throws(RedisError) {
        let endpoint = wire.endpoint
        try wire.read { bytes throws(RedisError) in
            do throws(ReplyReader.Malformed) {
                try reader.feed(bytes)
            } catch { throw .garbled(endpoint: endpoint, reason: error.reason) }
            while true {
                let reply: RedisReply?
                do throws(ReplyReader.Malformed) {
                    reply = try reader.next()
                } catch { throw .garbled(endpoint: endpoint, reason: error.reason) }
                guard let reply else { break }
                try take(reply)
            }
        }
    }
}
