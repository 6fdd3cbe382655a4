import Foundation
import Glibc
import Redis
import Servers
import TestSupport

/// The real `worker` executable, as another process with files of its own.
final class WorkerProcess: Sendable {
    let pid: Int32
    let folder: String

    /// - Parameters:
    ///   - redis: given as REDIS_URL; nil for none.
    ///   - folder: of another worker whose health file this one is to read.
    init(
        _ arguments: [String], redis: RedisURL? = nil, environment: [String: String] = [:], folder: String? = nil
    ) throws {
        self.folder = folder ?? FileManager.default.temporaryDirectory.appending(path: "packhorse-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        var all = ["PATH": "/usr/local/bin:/usr/bin:/bin", "PACKHORSE_HEALTH_FILE": self.folder + "/health"]
        // A socket without a password: what it shows is what it is.
        if let redis { all["REDIS_URL"] = "\(redis)" }
        all.merge(environment) { $1 }
        pid = try spawn(
            [builtProgram("worker")] + arguments, environment: all, output: self.folder + "/out",
            error: self.folder + "/log")
    }

    deinit {
        Glibc.kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        try? FileManager.default.removeItem(atPath: folder)
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
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if let record = records(message).first { return record }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw TestProblem("no log line '\(message)' in:\n\(log)")
    }

    func signal(_ number: Int32) { Glibc.kill(pid, number) }

    /// Waits for its end.
    ///
    /// - Returns: its exit code, or minus the signal that ended it.
    func ended(within limit: Duration = .seconds(30)) async throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid {
                return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw TestProblem("the worker has not ended within \(limit):\n\(log)")
    }

    /// Asks its port for operators.
    func get(_ path: String) async throws -> (status: Int, headers: String, body: String) {
        guard let port = try await logged("listening")["port"].flatMap({ UInt16("\($0)") }) else {
            throw TestProblem("no port")
        }
        return try httpGet(path, port: port)
    }
}

/// Another run of the program on the files of `worker`, for its exit code: how long it took is printed.
func healthcheck(of worker: WorkerProcess) async throws -> Int32 {
    let start = ContinuousClock.now
    let pid = try spawn(
        [builtProgram("worker"), "healthcheck"], environment: ["PACKHORSE_HEALTH_FILE": worker.folder + "/health"],
        output: "/dev/null", error: worker.folder + "/healthcheck")
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    print("healthcheck: \(Int((ContinuousClock.now - start) / .milliseconds(1))) ms")
    return (status >> 8) & 0xFF
}

/// Waits until `condition` holds.
func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TestProblem("not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(5))
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
    guard connected == 0 else { throw TestProblem("connect to \(port): errno \(errno)") }
    let request = Array("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)
    guard write(socket, request, request.count) == request.count else { throw TestProblem("write: errno \(errno)") }
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(socket, &piece, piece.count), count > 0 { answer += piece[..<count] }
    let text = String(decoding: answer, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n"), let status = Int(text.split(separator: " ")[1]) else {
        throw TestProblem("no HTTP: \(text)")
    }
    return (status, String(text[..<end.lowerBound]), String(text[end.upperBound...]))
}
