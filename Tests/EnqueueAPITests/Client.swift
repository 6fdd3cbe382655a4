internal import Foundation
internal import Glibc
internal import Servers

/// A client of plain sockets on threads of its own: nothing of the server's libraries between the test and the wire.
enum Client {
    /// Sends bytes and reads until the server closes the connection.
    static func send(_ request: String, port: Int) async throws -> Answer {
        try await send(Array(request.utf8), port: port)
    }

    static func send(_ request: [UInt8], port: Int) async throws -> Answer {
        try answer(await text(request, port: port))
    }

    /// The same for requests in a row, or for what is no whole request: all that comes back, as it is.
    ///
    /// - Parameter rest: sent when the head of a first answer has come, which is 100 Continue for a client that waits for it.
    static func text(_ request: String, then rest: String? = nil, port: Int) async throws -> String {
        try await text(Array(request.utf8), then: rest, port: port)
    }

    static func text(_ request: [UInt8], then rest: String? = nil, port: Int) async throws -> String {
        let connection = try connect(port)
        let bytes = await withCheckedContinuation { done in
            Thread.detachNewThread {
                done.resume(returning: exchange(request, rest, connection))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sends a request and goes away without an answer when `leave` returns.
    static func abandon(_ request: String, port: Int, when leave: () async throws -> Void) async throws {
        let connection = try connect(port)
        _ = request.withCString { write(connection, $0, strlen($0)) }
        try await leave()
        close(connection)
    }

    /// Sends a request, says that no more will come, and reads until the server closes the connection.
    static func halfClosing(_ request: String, port: Int) async throws -> String {
        let connection = try connect(port)
        send(Array(request.utf8), connection)
        shutdown(connection, Int32(SHUT_WR))
        let bytes = await withCheckedContinuation { done in
            Thread.detachNewThread { done.resume(returning: exchange([], nil, connection)) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sends a request, then a space every 50 ms for as long as the server takes them, and reads all that comes back.
    static func dripping(_ request: String, port: Int) async throws -> String {
        let connection = try connect(port)
        send(Array(request.utf8), connection)
        let bytes = await withCheckedContinuation { done in
            Thread.detachNewThread {
                var answer: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                for _ in 0..<600 {
                    let space = Glibc.send(connection, " ", 1, Int32(MSG_NOSIGNAL))
                    var ready = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
                    guard poll(&ready, 1, 50) > 0 else { continue }
                    let count = read(connection, &buffer, buffer.count)
                    if count <= 0 || space < 0 { break }
                    answer += buffer[..<count]
                }
                close(connection)
                done.resume(returning: answer)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func connect(_ port: Int) throws -> Int32 {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw SupportError("no connection to port \(port)") }
        return connection
    }

    private static func exchange(_ request: [UInt8], _ rest: String?, _ connection: Int32) -> [UInt8] {
        defer { close(connection) }
        // What gets no answer fails the test instead of holding it up.
        var patience = timeval(tv_sec: 90, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        send(request, connection)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var rest = rest
        while true {
            let count = read(connection, &buffer, buffer.count)
            if count <= 0 { return answer }
            answer += buffer[..<count]
            if let more = rest, String(decoding: answer, as: UTF8.self).contains("\r\n\r\n") {
                send(Array(more.utf8), connection)
                rest = nil
            }
        }
    }

    private static func send(_ bytes: [UInt8], _ connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // A server may answer and stop reading before it has got all.
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { break }
            rest = rest.dropFirst(count)
        }
    }

    private static func answer(_ text: String) throws -> Answer {
        guard let gap = text.range(of: "\r\n\r\n") else { throw SupportError("no HTTP answer: \(text.prefix(200))") }
        let lines = text[..<gap.lowerBound].components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        return Answer(status: status, headers: headers, body: String(text[gap.upperBound...]))
    }
}
