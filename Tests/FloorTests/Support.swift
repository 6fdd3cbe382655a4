import Foundation
import Glibc

@testable import Floor

/// An empty directory for one test, removed after it.
func withDirectory<T: Sendable>(_ body: (String) async throws -> T) async throws -> T {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("floor-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try await body(directory)
}

/// A shell that runs a script; `$1` and so on are the arguments.
func shell(
    _ script: String, _ arguments: [String] = [], secrets: [String: String] = [:], time: Duration = .seconds(60),
    path: String = "/usr/bin:/bin", directory: String = "/", change: (inout ChildLimits) -> Void = { _ in }
) -> ChildProcess {
    var limits = ChildLimits(time: time)
    change(&limits)
    return ChildProcess(
        "sh", ["-c", script, "sh"] + arguments, environment: ["PATH": path], secrets: secrets,
        directory: directory, limits: limits)
}

/// A named pipe whose reading end is open: writers do not wait for it, and it ends when the last of them has ended.
struct NamedPipe: Sendable {
    let path: String
    private let descriptor: Int32
    private static let threads = BlockingThreads(name: "floor-pipes", limit: 16)

    init(in directory: String) throws {
        path = directory + "/pipe-\(UUID().uuidString)"
        guard mkfifo(path, 0o600) == 0 else { throw POSIXError(.EIO) }
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(.EIO) }
    }

    /// Waits for a line; without any writer, for one to come. What there was when the last writer ended before.
    func line() async throws -> String {
        let descriptor = descriptor
        return try await Self.threads.run {
            var bytes: [UInt8] = []
            while bytes.last != UInt8(ascii: "\n") {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&entry, 1, -1)
                var byte: UInt8 = 0
                guard read(descriptor, &byte, 1) == 1 else { break }
                bytes.append(byte)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Everything until the last writer has ended; empty when there was none.
    func rest() async throws -> String {
        let descriptor = descriptor
        return try await Self.threads.run {
            _ = fcntl(descriptor, F_SETFL, 0)
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) == 1 { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    func close() { Glibc.close(descriptor) }
}
