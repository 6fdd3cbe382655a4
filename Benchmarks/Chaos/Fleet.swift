import Figures
import Foundation
import Queue
import PackhorseRedis
import Servers

/// The worker processes, each behind its own proxy, which can misbehave.
actor Fleet {
    private struct Slot {
        let proxy: FaultProxy
        var process: ChildProcess
        var generation = 1
        /// Somebody is doing something to it.
        var taken = false
    }

    private let options: Options
    private let connection: RedisConnection
    private var slots: [Slot] = []

    init(_ options: Options, server: RedisServer) async throws {
        self.options = options
        connection = RedisConnection(try server.url, name: "chaos")
        try await connection.connect()
        for number in 0..<options.workers {
            let proxy = try FaultProxy(to: server.port ?? 0)
            let process = try Self.launch(number, generation: 1, through: proxy, options)
            slots.append(Slot(proxy: proxy, process: process))
        }
    }

    /// Takes a worker for a fault, `preferred` if it may be had; waits until one more at least is left alone: what one
    /// worker loses, another one has to find.
    func take(_ preferred: Int) async throws -> Int {
        while true {
            try check()
            let free = slots.indices.filter { !slots[$0].taken }
            if free.count >= 2, let number = free.contains(preferred) ? preferred : free.first {
                slots[number].taken = true
                return number
            }
            try await Task.sleep(for: .milliseconds(20))  // between two looks
        }
    }

    /// Takes all of them.
    func takeAll() async throws -> [Int] {
        while slots.contains(where: \.taken) { try await Task.sleep(for: .milliseconds(20)) }  // between two looks
        for number in slots.indices { slots[number].taken = true }
        return Array(slots.indices)
    }

    /// Ends a fault. The worker is left alone until its lease is good again, half a minute at most.
    func giveBack(_ number: Int, after fault: String) async throws {
        let over = Date(), pid = Int(slots[number].process.pid)
        let mark = over.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        while !(await hasBeaten(pid, since: mark)) {
            guard over.timeIntervalSinceNow > -30 else {
                throw ChaosError("worker \(number), process \(pid), has not come back after \(fault)")
            }
            try await Task.sleep(for: .milliseconds(50))  // between two looks
        }
        progress("chaos: worker \(number) is back \(Int(-over.timeIntervalSinceNow * 1000)) ms after \(fault)")
        slots[number].taken = false
    }

    /// False also while Redis is down.
    private func hasBeaten(_ pid: Int, since mark: String) async -> Bool {
        let workers = (try? await queue.stats().workers) ?? []
        return workers.contains { $0.pid == pid && $0.lastBeat > mark }
    }

    func process(_ number: Int) -> ChildProcess { slots[number].process }
    func proxy(_ number: Int) -> FaultProxy { slots[number].proxy }

    /// Starts the next process in a place whose last one has ended.
    func replace(_ number: Int) throws {
        slots[number].generation += 1
        slots[number].process = try Self.launch(
            number, generation: slots[number].generation, through: slots[number].proxy, options)
    }

    /// Waits until no job waits or runs any more.
    ///
    /// What still does after 30 s without any progress is left for the audit to find.
    func drain() async throws {
        var last = -1, progressed = Monotonic.now
        while Monotonic.now - progressed < 30_000_000_000 {
            try check()
            let stats = try await queue.stats().queue
            let left = stats.queued + stats.scheduled + stats.retrying + stats.running
            if left == 0 { break }
            if left != last { (last, progressed) = (left, Monotonic.now) }
            try await Task.sleep(for: .milliseconds(50))  // between two looks
        }
    }

    /// The end of each worker's lease, in ms since 1970; none while Redis is down.
    func leases() async -> [String: Int] {
        var command = RedisCommand("ZRANGE", arguments: 4)
        for word in ["ph:{default}:workers", "0", "-1", "WITHSCORES"] { command.append(word) }
        let flat = (try? await connection.send(command).array) ?? []
        return stride(from: 0, to: flat.count - 1, by: 2).reduce(into: [:]) { leases, i in
            guard let name = flat[i].string, let end = flat[i + 1].string.flatMap({ Double($0) }) else { return }
            leases[name] = Int(end)
        }
    }

    private var queue: Queue { Queue(.default, on: connection) }

    /// Ends all workers as a deploy does.
    func stop() async throws {
        try check()
        for slot in slots { slot.process.signal(SIGTERM) }
        for slot in slots { await slot.process.wait() }
        for slot in slots { slot.proxy.stop() }
        await connection.close()
    }

    /// - Throws: when a worker has ended though nobody did anything to it.
    private func check() throws {
        for (number, slot) in slots.enumerated() where !slot.taken {
            guard let status = slot.process.exit else { continue }
            let path = Self.path(number, slot.generation, options) + ".log"
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            throw ChaosError("a worker ended by itself with status \(status), see \(path):\n\(text.suffix(2000))")
        }
    }

    private static func launch(_ number: Int, generation: Int, through proxy: FaultProxy, _ options: Options) throws
        -> ChildProcess
    {
        let path = path(number, generation, options)
        return try ChildProcess(
            try ownPath(),
            [
                "worker", "--redis", "redis://127.0.0.1:\(proxy.port)", "--ledger", path + ".ledger", "--lease-ms",
                "\(options.leaseMs)",
            ], output: path + ".log")
    }

    private static func path(_ number: Int, _ generation: Int, _ options: Options) -> String {
        "\(options.folder)/worker-\(number)-\(generation)"
    }
}
