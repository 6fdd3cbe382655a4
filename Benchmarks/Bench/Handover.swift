import Figures
import Foundation
import PackhorseRedis
import Servers

/// The least time from one process through Redis to another: LPUSH in one, BRPOP in the other, each on its own blocking
/// socket, without any job. At the pace of the start latency, because an idle machine is slower.
enum Handover {
    static let part = Catalog.Part(name: "hand-over", gives: ["handover_p50_ms", "handover_p99_ms"]) { session in
        let site = session.plain
        try await site.reset()
        let directory = try Scratch.directory()
        let record = directory + "/record"
        RecordFile.clear(record)
        let count = session.options.jobs(500, quick: 100)
        func start(_ role: String) throws -> MeasuredProcess {
            let words = [
                try ownPath(), role, "--redis", site.server.address, "--record", record, "--count", "\(count)",
            ]
            return try MeasuredProcess(words, log: "\(directory)/\(role)")
        }
        let popping = try start("pop")
        let pushing = try start("push")
        try await Scratch.wait("\(count) elements to arrive") { RecordFile.count(record) >= count }
        await popping.end()
        await pushing.end()
        let times = RecordFile.read(record).map { Double($0.at - $0.sent) / 1e6 }
        return Idle.latencies(times, "handover")
    }

    /// The two processes. They do nothing else, so they may block.
    static func run(_ role: String, _ flags: Flags) throws {
        var flags = flags
        let url = try RedisURL(try flags.required("--redis"))
        let record = try RecordFile(appendingTo: try flags.required("--record"))
        let count = try flags.number("--count", 1...1_000_000) ?? 1
        try flags.end()
        var socket = try RedisSocket.connect(url, clientName: role)
        for seq in 0..<count {
            if role == "push" {
                Thread.sleep(forTimeInterval: 0.01)  // the pause between two jobs
                var push = RedisCommand("LPUSH", arguments: 2)
                push.append("handover")
                push.append(Monotonic.now)
                _ = try socket.call(push, timeout: .seconds(5))
            } else {
                var pop = RedisCommand("BRPOP", arguments: 2)
                pop.append("handover")
                pop.append(0)
                let reply = try socket.call(pop, timeout: .seconds(60))
                let now = Monotonic.now
                record.append(Record(seq: seq, sent: reply.array?.last?.int ?? 0, at: now))
            }
        }
    }
}
