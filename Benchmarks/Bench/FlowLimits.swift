import Figures
import Foundation
import Glibc
import Queue
import Servers
import Synchronization

/// How exactly a spaced key is kept by 1, 4 and 8 worker processes: a process of its own stamps the arrivals.
enum FlowLimits {
    /// Between two permits, in ms.
    static let interval = 10

    static let entries: [Catalog.Entry] = [1, 4, 8].flatMap { workers in
        [
            Catalog.Entry(
                name: "limit_gap_\(workers)_processes_ms", unit: "ms", wanted: .atLeast(Double(interval) - 5),
                beside: [("p50", "limit_gap_\(workers)_p50_ms"), ("p99", "limit_gap_\(workers)_p99_ms")]),
            Catalog.Entry(
                name: "limit_rate_\(workers)_processes", unit: "of the permitted rate", wanted: .atLeast(0.95)),
        ]
    }

    static let parts: [Catalog.Part] = [1, 4, 8].map { workers in
        Catalog.Part(
            name: "a spaced key, \(workers) workers",
            gives: [
                "limit_gap_\(workers)_processes_ms", "limit_gap_\(workers)_p50_ms", "limit_gap_\(workers)_p99_ms",
                "limit_rate_\(workers)_processes",
            ]
        ) { session in
            let count = session.options.jobs(10_000, quick: 100)
            let stamps = try await arrivals(count, workers: workers, on: session.plain)
            let gaps = zip(stamps, stamps.dropFirst()).map { Double($1 - $0) / 1e6 }
            let span = Double((stamps.last ?? 0) - (stamps.first ?? 0)) / 1e6
            return [
                "limit_gap_\(workers)_processes_ms": gaps.min() ?? 0, "limit_gap_\(workers)_p50_ms": gaps.median ?? 0,
                "limit_gap_\(workers)_p99_ms": gaps.percentile(0.99) ?? 0,
                "limit_rate_\(workers)_processes": Double(gaps.count * interval) / span,
            ]
        }
    }

    static func workers(_ count: Int, on site: Site, in directory: String) throws -> [MeasuredProcess] {
        try (0..<count).map {
            try MeasuredProcess(on: site, record: directory + "/record", log: directory + "/worker-\($0)")
        }
    }

    /// When each job of a spaced key arrived.
    private static func arrivals(_ count: Int, workers: Int, on site: Site) async throws -> [Int] {
        try await site.reset()
        let directory = try Scratch.directory()
        let stamper = try Stamper(at: directory + "/arrivals")
        try await site.queue.setLimit("spaced", to: Limit(rate: .spaced(.milliseconds(interval))))
        try await site.queue.enqueue(
            try (0..<count).map {
                try NewJob(
                    "bench.arrive", arguments: Array("\"\(stamper.path)\"".utf8), in: .default,
                    options: JobOptions(priority: $0 % 2 == 0 ? .default : .low, limits: [LimitUse("spaced")]))
            })
        let processes = try Self.workers(workers, on: site, in: directory)
        try await Scratch.wait("\(count) arrivals", for: .seconds(300)) {
            for process in processes { try process.check() }
            return stamper.stamps.count >= count
        }
        for process in processes { await process.end() }
        return stamper.stamps
    }
}

/// Has the kernel stamp datagrams when they arrive at a unix socket (SO_TIMESTAMPNS of socket(7)): a thread that stamps
/// them would add the time that it waits for a core.
final class Stamper: Sendable {
    let path: String
    private let state = Mutex<[Int]>([])

    init(at path: String) throws {
        self.path = path
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        let stamps = setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, socklen_t(MemoryLayout.size(ofValue: on)))
        let code = withAddress(path) { bind(socket, $0, $1) }
        guard socket >= 0, stamps == 0, code == 0 else { throw BenchError("can't listen at \(path): errno \(errno)") }
        let thread = Thread { [self] in
            while let stamp = Self.next(of: socket) { state.withLock { $0.append(stamp) } }
        }
        thread.start()
    }

    /// Waits for a datagram.
    private static func next(of socket: Int32) -> Int? {
        // A cmsghdr of cmsg(3) and its timespec: 16 bytes each.
        var control = [Int](repeating: 0, count: 4)
        let received = control.withUnsafeMutableBytes { control in
            var message = msghdr()
            message.msg_control = control.baseAddress
            message.msg_controllen = control.count
            return recvmsg(socket, &message, 0)
        }
        return received < 0 ? nil : control[2] * 1_000_000_000 + control[3]
    }

    /// The clock of the stamps.
    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// In ns since 1970.
    var stamps: [Int] { state.withLock { $0 } }

    /// Opened once: whatever comes before the stamp counts as a delay of the job.
    private static let sender = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)

    /// Sends a datagram.
    static func stamp(at path: String) {
        var byte: UInt8 = 1
        _ = withAddress(path) { sendto(sender, &byte, 1, 0, $0, $1) }
    }
}

private func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
