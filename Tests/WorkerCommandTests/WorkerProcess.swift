import Foundation
import Glibc
import PackhorseRedis
import Servers

/// The real `worker` executable, as another process with files of its own.
final class WorkerProcess: Sendable {
    let folder: String
    private let process: ChildProcess

    /// - Parameters:
    ///   - redis: given as REDIS_URL; nil for none.
    ///   - environment: goes before what is set here, such as a lease of a minute: the usual one lapses when a busy
    ///     machine holds the worker up for 3.5 s.
    init(
        _ arguments: [String], redis: RedisServer? = nil, environment: [String: String] = [:]
    ) throws {
        folder = try Scratch.directory()
        var all = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "PACKHORSE_HEALTH_FILE": folder + "/health",
            "PACKHORSE_HOME": folder + "/home",
        ]
        if let redis {
            all["REDIS_URL"] = redis.address
            all["PACKHORSE_LEASE"] = "60s"
        }
        all.merge(environment) { $1 }
        process = try Self.start(arguments, all, folder: folder, log: "log", output: "out")
    }

    deinit { process.signal(SIGKILL) }

    /// Starts the program with nothing but `environment`; what it writes goes to two files.
    private static func start(
        _ arguments: [String], _ environment: [String: String], folder: String, log: String, output: String
    ) throws -> ChildProcess {
        // The programs are in the folder of the tests.
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let worker = (tests as NSString).deletingLastPathComponent + "/worker"
        return try ChildProcess(
            "sh",
            ["-c", #"exec env -i "$@" 2>"$0""#, "\(folder)/\(log)"] + environment.map { "\($0.key)=\($0.value)" }
                + [worker] + arguments, output: "\(folder)/\(output)")
    }

    var output: String { (try? String(contentsOfFile: folder + "/out", encoding: .utf8)) ?? "" }
    var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

    /// The log's records with this message.
    func records(_ message: String) -> [[String: Any]] {
        log.split(separator: "\n").compactMap {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
        }.filter { $0["message"] as? String == message }
    }

    /// Waits for a log line with this message.
    @discardableResult
    func logged(_ message: String) async throws -> [String: Any] {
        try await Scratch.wait("'\(message)' in the log") { !records(message).isEmpty }
        return records(message)[0]
    }

    func signal(_ number: Int32) { process.signal(number) }

    /// Waits for its end.
    ///
    /// - Returns: its exit code, or minus the signal that ended it.
    func ended(within limit: Duration = .seconds(20)) async throws -> Int32 {
        try await Scratch.wait("the worker to end", for: limit) { process.exit != nil }
        return Self.code(process.exit)
    }

    private static func code(_ status: Int32?) -> Int32 {
        guard let status else { return .min }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }

    /// Another run of the program, on this one's health file. How long it took is printed.
    ///
    /// - Returns: its exit code, and what it said.
    func healthcheck() async throws -> (code: Int32, reason: String) {
        let start = ContinuousClock.now
        let check = try Self.start(
            ["healthcheck"], ["PACKHORSE_HEALTH_FILE": folder + "/health"], folder: folder, log: "healthcheck",
            output: "nothing")
        await check.wait()
        print("healthcheck: \(Int((ContinuousClock.now - start) / .milliseconds(1))) ms")
        return (Self.code(check.exit), try String(contentsOfFile: folder + "/healthcheck", encoding: .utf8))
    }

    /// Asks its port for operators.
    func get(_ path: String) async throws -> (status: Int, headers: String, body: String) {
        guard let port = try await logged("listening")["port"].flatMap({ UInt16("\($0)") }) else {
            throw SupportError("no port")
        }
        return try httpGet(path, port: port)
    }
}

private func httpGet(_ path: String, port: UInt16) throws -> (status: Int, headers: String, body: String) {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard connected == 0 else { throw SupportError("connect to \(port): errno \(errno)") }
    let request = Array("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)
    guard write(socket, request, request.count) == request.count else { throw SupportError("write: errno \(errno)") }
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(socket, &piece, piece.count), count > 0 { answer += piece[..<count] }
    let text = String(decoding: answer, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n"), let status = Int(text.split(separator: " ")[1]) else {
        throw SupportError("no HTTP: \(text)")
    }
    return (status, String(text[..<end.lowerBound]), String(text[end.upperBound...]))
}
