import Cron
import Servers
import TestSupport
import Testing

@testable import Queue

/// A simulated week: workers with clocks that differ by up to two seconds wake for ticks, are killed between the offer and
/// the job, and start again with the same schedules; at times none is there for hours.
@Suite(.redis) struct ScheduleWeekTests {
    private struct SimulatedWorker {
        /// Its clock is this far ahead of the server's, in ms.
        var skew: Int
        var wakesAt: Int
        var held: [OfferedTick] = []
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func eachTickMakesExactlyOneJob(seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let queue = try await makeQueue()
        let zone = try Zone("Europe/Vienna")
        let specs = [
            spec("quarter", .every(interval: 900_000, anchor: 0)),
            spec("hourly", .cron(try CronExpression("7 * * * *"), zone: zone, repeatedHour: .once)),
            spec("nightly", .cron(try CronExpression("30 2 * * *"), zone: zone, repeatedHour: .once)),
        ]
        // The week in which Vienna sets its clocks forward: 2027-03-28.
        let begin = 1_806_019_200_000, end = begin + 7 * 86_400_000
        for spec in specs { try await queue.putSchedule(spec, now: begin) }

        var workers = (0..<3).map { _ in SimulatedWorker(skew: random.below(4001) - 2000, wakesAt: begin) }
        var now = begin
        while now < end {
            now += random.pick([200, 1500, 60_000, 300_000, 300_000, 600_000])
            // Now and then there is no worker for a while.
            if random.below(100) == 0 { now += random.pick([3_600_000, 10_800_000]) }
            for i in workers.indices where workers[i].wakesAt <= now + workers[i].skew {
                if random.below(10) == 0 {
                    // It is killed, and with it what it was offered. Another one starts.
                    workers[i] = SimulatedWorker(skew: random.below(4001) - 2000, wakesAt: now)
                    for spec in specs { try await queue.putSchedule(spec, now: now) }
                    continue
                }
                for offered in workers[i].held { try await queue.make(offered, now: now) }
                workers[i].held = try await queue.offeredTicks(now: now)
                // Some replies come late: it makes these with its next step.
                if random.below(4) > 0 {
                    for offered in workers[i].held {
                        for _ in 0...random.below(2) { try await queue.make(offered, now: now) }
                    }
                    workers[i].held = []
                }
            }
        }
        now = max(now, end) + 10_000
        for offered in try await queue.offeredTicks(now: now) { try await queue.make(offered, now: now) }

        var wanted: [String: Int] = [:]
        for spec in specs {
            var tick = spec.next(after: begin)
            while let at = tick, at <= now {
                wanted["cron:\(spec.name):\(TickText.text(at))", default: 0] += 1
                tick = spec.next(after: at)
            }
        }
        #expect(wanted.count > 7 * (96 + 23))
        #expect(wanted.values.allSatisfy { $0 == 1 })
        let stats = try await queue.stats(now: now).queue
        #expect(stats.queued == wanted.count)
        #expect(stats.totals.enqueued == wanted.count)
        let ids = wanted.keys.sorted().map { JobID.of($0) }
        for start in stride(from: 0, to: ids.count, by: 500) {
            let states = try await queue.status(Array(ids[start..<min(start + 500, ids.count)])).map(\.state)
            #expect(states.allSatisfy { $0 == .queued })
        }
        try await expectInvariants(queue)
    }

    private func spec(_ name: String, _ timing: Timing) -> ScheduleSpec {
        ScheduleSpec(name: name, timing: timing, job: JobSpec(type: "test"), catchUp: .all(limit: 1000))
    }
}
