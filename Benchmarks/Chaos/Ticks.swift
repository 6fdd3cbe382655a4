import Cron
import Enqueue
import Foundation
import PackhorseRedis
import Queue

/// A schedule that ticks each second while the faults happen, in a queue of its own.
struct Ticks: Sendable {
    static let queue = (try? QueueName("ticks")) ?? .default
    private static let name = "heartbeat"

    /// Its first tick, in ms since 1970.
    private let first: Int

    init(on connection: RedisConnection) async throws {
        let queue = Queue(Self.queue, on: connection)
        var job = JobSpec(type: Kind.quick.type)
        job.queue = Self.queue.text
        job.args = Array(try JSONEncoder().encode(ChaosArguments(ms: 0, fails: 0)))
        try await queue.register()
        try await queue.putSchedule(
            ScheduleSpec(
                name: Self.name, timing: .every(interval: 1000, anchor: 0), job: job, catchUp: .all(limit: 1000),
                overlap: .allow))
        guard let tick = try await queue.schedule(Self.name)?.nextTick else { throw ChaosError("no tick is set") }
        first = tick
    }

    /// What is wrong with the jobs that it made: nothing, if each tick made one.
    func findings(on connection: RedisConnection) async throws -> [Audit.Finding] {
        let queue = Queue(Self.queue, on: connection)
        _ = try await queue.pauseSchedule(Self.name)
        guard let schedule = try await queue.schedule(Self.name) else { throw ChaosError("the schedule is gone") }
        // What its last ticks made may still run.
        var stats = try await queue.stats().queue
        while stats.queued + stats.running + stats.retrying > 0 {
            try await Task.sleep(for: .milliseconds(50))  // between two looks
            stats = try await queue.stats().queue
        }
        let last = ISOTime.text(first + (schedule.made - 1) * 1000).prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
        let record = try await queue.status([try JobID("\(Self.queue).cron:\(Self.name):\(last)")])
        var findings: [Audit.Finding] = []
        if stats.totals.enqueued != schedule.made || stats.totals.succeeded != schedule.made || schedule.missed > 0 {
            findings.append(
                .twice(
                    "\(schedule.made) ticks made \(stats.totals.enqueued) jobs, \(stats.totals.succeeded) succeeded, "
                        + "\(schedule.missed) were missed"))
        }
        if record.first?.state != .succeeded {
            findings.append(.lost(id: "the tick \(last)", state: record.first?.state ?? .unknown))
        }
        return findings
    }
}
