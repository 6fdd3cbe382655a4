import Foundation
import Glibc
import Synchronization

/// A TCP proxy to a server on 127.0.0.1 that can be told to misbehave, from one moment to the next.
public final class FaultProxy: Sendable {
    public enum Mode: Sendable, Equatable {
        /// Everything goes through.
        case pass
        /// What is open breaks; new connections are closed at once.
        case cut
        /// Connections are taken and kept, every byte is swallowed.
        case hang
        /// Each piece waits this long before it goes on.
        case slow(Duration)
    }

    /// Connect here.
    public let port: Int
    private let listener: Int32
    private let target: Int
    private let state = Mutex(State())

    private struct State {
        var mode = Mode.pass
        var open: [Link] = []
    }

    public init(to target: Int) throws {
        (listener, port) = try Scratch.listen()
        self.target = target
        Thread { [self] in accept() }.start()
    }

    public var mode: Mode {
        get { state.withLock { $0.mode } }
        set {
            let cut = state.withLock { state in
                state.mode = newValue
                guard newValue == .cut else { return [Link]() }
                defer { state.open = [] }
                return state.open
            }
            for link in cut { link.shut() }
        }
    }

    /// Breaks every connection and listens no more.
    public func stop() {
        mode = .cut
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { break }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let server = connect()
            let link = Link(client, server)
            let mode = state.withLock { state in
                if state.mode != .cut { state.open.append(link) }
                return state.mode
            }
            guard mode != .cut, server >= 0 else {
                link.shut()
                continue
            }
            Thread { [self] in forward(link, from: client, to: server) }.start()
            Thread { [self] in forward(link, from: server, to: client) }.start()
        }
        close(listener)
    }

    private func forward(_ link: Link, from source: Int32, to sink: Int32) {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        loop: while true {
            let count = recv(source, &bytes, bytes.count, 0)
            guard count > 0 else { break }
            switch mode {
            case .pass: break
            case .cut: break loop
            case .hang: continue
            case .slow(let delay): Thread.sleep(forTimeInterval: delay / .seconds(1))  // the slowness itself
            }
            var sent = 0
            while sent < count {
                let taken = bytes[sent..<count].withUnsafeBytes {
                    send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard taken > 0 else { break loop }
                sent += taken
            }
        }
        link.shut()
    }

    private func connect() -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(target).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(socket)
            return -1
        }
        return socket
    }

    /// Two sockets, closed when nobody uses them any more.
    private final class Link: Sendable {
        private let client: Int32
        private let server: Int32

        init(_ client: Int32, _ server: Int32) {
            (self.client, self.server) = (client, server)
        }

        func shut() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }

        deinit {
            close(client)
            if server >= 0 { close(server) }
        }
    }
}
