import Foundation
import Glibc
import Synchronization

/// Somebody else had bound a port first that was free a moment before.
struct PortTaken: Error {}

/// Directories and ports for one test run. The paths are short, because a unix socket's may have 107 bytes only.
public enum Scratch {
    /// Removed when the tests end.
    static let root = "/tmp/tests-\(getpid())"
    private static let count = Atomic<Int>(0)

    /// A new empty directory.
    public static func directory() throws -> String {
        _ = Guard.shared  // it removes the directory when the tests end
        let path = "\(root)/\(count.add(1, ordering: .relaxed).newValue)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// TCP ports of 127.0.0.1 that nobody listens on at the moment, all different.
    public static func freePorts(_ count: Int) throws -> [Int] {
        var listeners: [Int32] = []
        defer { for listener in listeners { close(listener) } }
        return try (0..<count).map { _ in
            let (listener, port) = try listen()
            listeners.append(listener)
            return port
        }
    }

    /// Starts something on free ports; tries others when one of them is taken before it is bound.
    static func onFreePorts<Result>(_ count: Int, _ start: ([Int]) async throws -> Result) async throws -> Result {
        for _ in 1..<10 {
            do { return try await start(freePorts(count)) } catch is PortTaken {}
        }
        return try await start(freePorts(count))
    }

    /// A listening socket on a free port of 127.0.0.1.
    public static func listen() throws -> (socket: Int32, port: Int) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && Glibc.listen(socket, 128) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        guard listens else { throw SupportError("cannot listen: \(String(cString: strerror(errno)))") }
        return (socket, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// A listening unix socket at `path`.
    public static func listen(on path: String) throws -> Int32 {
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let listens = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && Glibc.listen(socket, 128) == 0
            }
        }
        guard listens else { throw SupportError("cannot listen on \(path): \(String(cString: strerror(errno)))") }
        return socket
    }

    /// Asks until `condition` holds; an error after `limit`.
    public static func wait(
        _ what: String, for limit: Duration = .seconds(20), until condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while try await !condition() {
            guard .now < end else { throw SupportError("waited \(limit) for: \(what)") }
            try await Task.sleep(for: .milliseconds(5))  // between two looks
        }
    }
}
