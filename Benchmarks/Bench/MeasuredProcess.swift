import Figures
import Foundation
import Glibc
import Servers

/// A measured worker process, of Packhorse or of a peer.
struct MeasuredProcess: Sendable {
    private let process: ChildProcess
    private let log: String

    init(_ words: [String], log: String) throws {
        self.log = log
        process = try ChildProcess(words[0], Array(words.dropFirst()), output: log)
    }

    /// A worker of Packhorse.
    init(on site: Site, record: String, log: String) throws {
        try self.init(
            [try ownPath(), "worker", "--redis", site.server.address, "--record", record], log: log)
    }

    var pid: Int32 { process.pid }

    /// CPU time in ns, 0 once it has ended.
    var cpu: Int { Monotonic.cpu(of: pid) ?? 0 }

    /// Resident memory now and at its peak, in MB of 10⁶ bytes.
    var residentMB: Double { memory("VmRSS:") }
    var peakMB: Double { memory("VmHWM:") }

    /// - Throws: `BenchError` with the end of its output, if the process has ended by itself.
    func check() throws {
        guard process.exit != nil else { return }
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw BenchError("a measured process ended:\n\(text.suffix(2000))")
    }

    /// Kills it; what it held in Redis is flushed before the next measurement.
    func end() async {
        process.signal(SIGKILL)
        await process.wait()
    }

    private func memory(_ key: String) -> Double {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(key) } ?? ""
        let kilobytes = line.split(separator: " ").compactMap { Double($0) }.first
        return (kilobytes ?? 0) * 1024 / 1e6
    }
}
