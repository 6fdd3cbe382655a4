import Figures
import Foundation
import Queue
import PackhorseRedis
import Servers

/// Runs real workers and a real Redis under load while they are killed, frozen and cut off, then audits the outcome of
/// every job against what the handlers themselves recorded.
@main
enum Chaos {
    private static let usage = """
        chaos [--seconds N] [--kills N] [--workers N] [--rate N] [--lease-ms N] [--seed N] [--keep]
        chaos worker …        a worker process, as chaos starts them

        Exit code 1 if a job was lost, settled twice, or settled by a worker whose lease had lapsed; seed and evidence
        are then printed and kept.
        """

    static func main() async {
        do {
            let words = CommandLine.arguments.dropFirst()
            switch words.first {
            case "--help", "-h", "help": print(usage)
            case "worker": try await ChaosWorker(Flags(words.dropFirst())).run()
            default: exit(try await run(try Options(Flags(words))) ? 0 : 1)
            }
        } catch let error as UsageError {
            progress("chaos: \(error)")
            exit(2)
        } catch {
            progress("chaos: \(error)")
            exit(1)
        }
    }

    /// - Returns: whether everything that must be 0 is 0.
    private static func run(_ options: Options) async throws -> Bool {
        progress("chaos: seed \(options.seed), evidence in \(options.folder)")
        try FileManager.default.createDirectory(atPath: options.folder, withIntermediateDirectories: true)
        // With `always`, what Redis has acknowledged survives its death; with `everysec`, up to a second may not.
        let server = try await RedisServer.start(tcp: true, ["--appendonly", "yes", "--appendfsync", "always"])
        let log = FaultLog()
        let fleet = try await Fleet(options, server: server)
        let entrance = try FaultProxy(to: server.port ?? 0)
        let connection = RedisConnection(try server.url, name: "chaos")
        try await connection.connect()
        for (key, limit) in Producer.limits { try await Queue(.default, on: connection).setLimit(key, to: limit) }
        let ticks = try await Ticks(on: connection)
        let producer = try await Producer(options, redis: try RedisURL("redis://127.0.0.1:\(entrance.port)"))

        async let producing: Void = producer.run()
        try await Faults(options, fleet: fleet, entrance: entrance, server: server, log: log).run()
        producer.stop()
        await producing
        progress("chaos: \(producer.acknowledged.count) jobs acknowledged; faults are over, the rest drains")
        try await fleet.drain()
        // Before the workers end: otherwise they would give back what they hold, which would hide a job that hangs.
        let evidence = try await Evidence.collect(options, from: producer, on: server, log: log)
        let missing = try await ticks.findings(on: connection)
        await connection.close()
        try await fleet.stop()
        await server.kill()
        let audit = Audit(evidence, and: missing)
        for figure in audit.figures(command: options.command) { publish(figure) }
        for finding in audit.findings.prefix(50) { progress("chaos: \(finding)") }
        for slow in audit.recoveries where !slow.isDelayed && slow.seconds >= slow.kind.wantedRecovery.p99 {
            progress(
                "chaos: \(slow.kind.rawValue) stopped attempt \(slow.attempt) of \(slow.id); the next began after "
                    + "\(slow.seconds) s")
        }
        if audit.findings.isEmpty && !options.keeps {
            try? FileManager.default.removeItem(atPath: options.folder)
        } else {
            progress("chaos: \(audit.findings.count) findings with seed \(options.seed); evidence in \(options.folder)")
        }
        return audit.findings.isEmpty
    }
}

/// Why the harness itself could not continue.
struct ChaosError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
