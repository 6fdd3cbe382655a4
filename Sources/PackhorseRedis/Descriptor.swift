internal import Glibc

/// Owns one file descriptor and closes it exactly once, on every path.
struct Descriptor: ~Copyable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }
}

extension Descriptor {
    /// Connects a non-blocking stream socket to `address`.
    ///
    /// A host name may have several addresses: they are tried in the resolver's order, each with an equal share of the
    /// time left.
    static func connected(to address: RedisAddress, _ limit: TimeLimit) throws(RedisError) -> Descriptor {
        switch address {
        case .unix(let path):
            var target = sockaddr_un()
            target.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            // On the heap for the call: closures over raw memory can't return a noncopyable type.
            let bytes = UnsafeMutableRawBufferPointer.allocate(
                byteCount: MemoryLayout<sockaddr_un>.size, alignment: MemoryLayout<sockaddr_un>.alignment)
            defer { bytes.deallocate() }
            withUnsafeBytes(of: target) { bytes.copyMemory(from: $0) }
            return try connect(AF_UNIX, UnsafeRawBufferPointer(bytes), address, limit)
        case .tcp(let host, let port):
            return try connect(host, port, address, limit)
        }
    }

    private static func connect(
        _ host: String, _ port: UInt16, _ address: RedisAddress, _ limit: TimeLimit
    ) throws(RedisError) -> Descriptor {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let list else {
            throw .unreachable(
                endpoint: address.description, reason: "name lookup failed: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }

        var left = sequence(first: list) { $0.pointee.ai_next }.map { $0 }[...]
        while let target = left.popFirst()?.pointee {
            do throws(RedisError) {
                let bytes = UnsafeRawBufferPointer(start: target.ai_addr, count: Int(target.ai_addrlen))
                let socket = try connect(target.ai_family, bytes, address, limit.share(of: left.count + 1))
                socket.tune()
                return socket
            } catch {
                guard error != .closed, !left.isEmpty else { throw error }
            }
        }
        throw .unreachable(endpoint: address.description, reason: "the name has no address")
    }

    private static func connect(
        _ family: Int32, _ target: UnsafeRawBufferPointer, _ address: RedisAddress, _ limit: TimeLimit
    ) throws(RedisError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = Glibc.socket(family, type, 0)
        guard number >= 0 else {
            throw .unreachable(endpoint: address.description, reason: "no socket: \(String(errno: errno))")
        }
        let descriptor = Descriptor(number)
        let result = Glibc.connect(
            number, target.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(target.count))
        guard result != 0 else { return descriptor }
        var reason = errno
        if reason == EINPROGRESS || reason == EINTR {
            switch limit.wait(for: POLLOUT, on: number) {
            case .calledOff: throw .closed
            case .timeUp:
                throw .unreachable(endpoint: address.description, reason: "no connection within \(limit.total)")
            case .ready: reason = descriptor.pendingError()
            }
        }
        guard reason == 0 else { throw .unreachable(endpoint: address.description, reason: String(errno: reason)) }
        return descriptor
    }

    private func pendingError() -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    /// Sends small commands at once, and detects within a minute that the machine of an idle peer is gone.
    private func tune() {
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    /// Ignores the result: a refused option costs at most speed.
    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(number, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
