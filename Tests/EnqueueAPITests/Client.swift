internal import Foundation
internal import Glibc
internal import Servers

/// A client of plain sockets on threads of its own: nothing of the server's libraries between the test and the wire.
enum Client {
    /// Sends bytes and reads until the server closes the connection.
    static func send(_ request: String, port: Int) async throws -> Answer {
        let connection = try connect(port)
        let text = await withCheckedContinuation { done in
            Thread.detachNewThread {
                done.resume(returning: exchange(request, connection))
            }
        }
        return try answer(text)
    }

    /// Sends a request and goes away without an answer when `leave` returns.
    static func abandon(_ request: String, port: Int, when leave: () async throws -> Void) async throws {
        let connection = try connect(port)
        _ = request.withCString { write(connection, $0, strlen($0)) }
        try await leave()
        close(connection)
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

    private static func exchange(_ request: String, _ connection: Int32) -> [UInt8] {
        defer { close(connection) }
        var rest = Array(request.utf8)[...]
        while !rest.isEmpty {
            // A server may answer and stop reading before it has got all.
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { break }
            rest = rest.dropFirst(count)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(connection, &buffer, buffer.count)
            if count <= 0 { return answer }
            answer += buffer[..<count]
        }
    }

    private static func answer(_ bytes: [UInt8]) throws -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
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
