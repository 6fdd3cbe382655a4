internal import Glibc

/// Bytes to and from one server, in plain text or with TLS. Only functions with a `TimeLimit` wait.
struct Wire: ~Copyable {
    let endpoint: String
    private let descriptor: Descriptor
    private var tls: TLSSession?
    /// What the socket has not accepted yet: `output[sent...]`.
    private var output: [UInt8] = []
    private var sent = 0
    private var received = 0
    /// False for a unix socket.
    private let takesTLS: Bool
    private let buffer: Buffer

    private init(_ address: RedisAddress, _ descriptor: consuming Descriptor, _ tls: consuming TLSSession?) {
        endpoint = address.description
        if case .tcp = address { takesTLS = true } else { takesTLS = false }
        self.descriptor = descriptor
        self.tls = tls
        buffer = Buffer()
    }

    /// Connects; with TLS, also does the handshake and verifies the server's certificate.
    static func connect(
        _ address: RedisAddress, tls options: RedisURL.TLSOptions?, _ limit: TimeLimit
    ) throws(RedisError) -> Wire {
        let descriptor = try Descriptor.connected(to: address, limit)
        guard let options, case .tcp(let host, _) = address else {
            return Wire(address, descriptor, nil)
        }
        let session: TLSSession
        do throws(TLSSession.Failure) {
            session = try TLSSession(options, name: options.serverName ?? host)
        } catch {
            throw .untrusted(endpoint: address.description, reason: error.reason)
        }
        var wire = Wire(address, descriptor, session)
        try wire.shakeHands(limit)
        return wire
    }

    var fd: Int32 { descriptor.number }

    var isEncrypted: Bool { tls != nil }

    /// Whether output is waiting for the socket to become writable.
    var hasOutput: Bool { sent < output.count }

    /// Sends `bytes` as far as the socket accepts them; the rest waits for `flush`.
    mutating func write(_ bytes: borrowing [UInt8]) throws(RedisError) {
        if tls != nil {
            try bytes.withUnsafeBufferPointer { piece throws(RedisError) in
                try trusted { session throws(TLSSession.Failure) in try session.encrypt(UnsafeRawBufferPointer(piece)) }
            }
            return try flush()
        }
        let count =
            hasOutput
            ? 0
            : try bytes.withUnsafeBufferPointer { piece throws(RedisError) in
                try send(UnsafeRawBufferPointer(piece))
            }
        if count < bytes.count { output.append(contentsOf: bytes[count...]) }
    }

    /// Sends waiting output as far as the socket accepts it.
    mutating func flush() throws(RedisError) {
        tls?.takeOutput(into: &output)
        guard hasOutput else { return }
        sent += try output.withUnsafeBufferPointer { bytes throws(RedisError) in
            try send(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[sent...])))
        }
        guard !hasOutput else {
            // On a slow link the buffer may never become empty, so its sent part is removed here.
            if sent > 1 << 20, sent > output.count / 2 {
                output.removeFirst(sent)
                sent = 0
            }
            return
        }
        sent = 0
        if output.capacity > 1 << 20 { output = [] } else { output.removeAll(keepingCapacity: true) }
    }

    /// Passes on what has arrived, decrypted, in one or several pieces; returns at once if there is nothing.
    mutating func read(_ take: (UnsafeRawBufferPointer) throws(RedisError) -> Void) throws(RedisError) {
        let space = buffer.bytes
        let count = recv(fd, space.baseAddress, space.count, 0)
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            throw lost(count == 0 ? nil : errno)
        }
        received += count
        let piece = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(space)[..<count])
        guard tls != nil else { return try take(piece) }

        try trusted { session throws(TLSSession.Failure) in try session.receive(piece) }
        while true {
            let plain = try trusted { session throws(TLSSession.Failure) in try session.decrypt(into: space) }
            guard let plain else { throw lost(nil) }
            if plain == 0 { break }
            try take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(space)[..<plain]))
        }
        try flush()  // TLS itself may have to answer
    }

    /// Waits until the server has sent something; sends waiting output in the meantime.
    mutating func waitForInput(_ limit: TimeLimit) throws(RedisError) {
        while true {
            switch limit.wait(for: hasOutput ? POLLIN | POLLOUT : POLLIN, on: fd) {
            case .calledOff: throw .closed
            case .timeUp: throw .unreachable(endpoint: endpoint, reason: "no reply within \(limit.total)")
            case .ready: break
            }
            guard hasOutput else { return }
            try flush()
            if Poll.one(fd, POLLIN, for: .zero) { return }
        }
    }

    private mutating func shakeHands(_ limit: TimeLimit) throws(RedisError) {
        while true {
            let done = try trusted { session throws(TLSSession.Failure) in try session.handshake() }
            try flush()
            if done { return }
            do throws(RedisError) {
                try waitForInput(limit)
                let count = recv(fd, buffer.bytes.baseAddress, buffer.bytes.count, 0)
                guard count > 0 else { throw lost(count == 0 ? nil : errno) }
                received += count
                let piece = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer.bytes)[..<count])
                try trusted { session throws(TLSSession.Failure) in try session.receive(piece) }
            } catch .unreachable(let endpoint, let reason) where received == 0 {
                throw .unreachable(
                    endpoint: endpoint,
                    reason: "TLS handshake: \(reason). A server without TLS behaves like this: use redis://")
            }
        }
    }

    /// Runs a step of the TLS session; throws if there is none.
    private mutating func trusted<Result>(
        _ step: (inout TLSSession) throws(TLSSession.Failure) -> Result
    ) throws(RedisError) -> Result {
        guard var session = tls.take() else {
            throw .untrusted(endpoint: endpoint, reason: "the TLS session has ended")
        }
        do throws(TLSSession.Failure) {
            let result = try step(&session)
            tls = consume session
            return result
        } catch {
            session.takeOutput(into: &output)  // the alert that tells the server the reason
            try? flush()
            throw .untrusted(endpoint: endpoint, reason: error.reason)
        }
    }

    /// Sends what the socket accepts and returns how many bytes that were.
    ///
    /// It does not report that the server is gone; reading will, after the server's last bytes, such as a TLS alert.
    private func send(_ bytes: UnsafeRawBufferPointer) throws(RedisError) -> Int {
        var taken = 0
        while taken < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
            let count = Glibc.send(fd, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                taken += count
            } else if errno == EAGAIN || errno == EPIPE || errno == ECONNRESET {
                break
            } else if errno != EINTR {
                throw lost(errno)
            }
        }
        return taken
    }

    private func lost(_ code: Int32?) -> RedisError {
        let reason = code.map { String(errno: $0) } ?? "the server closed the connection"
        let hint = received == 0 && takesTLS && tls == nil
        return .unreachable(
            endpoint: endpoint,
            reason: hint ? reason + " at once. A server that requires TLS behaves like this: use rediss://" : reason)
    }

    /// Where received bytes land.
    private struct Buffer: ~Copyable {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 15, alignment: 16)

        deinit { bytes.deallocate() }
    }
}
