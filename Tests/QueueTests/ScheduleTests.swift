import Cron
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct ScheduleTests {
    private let minute = 60_000

    /// Every minute, counted from `start`.
    private func spec(_ name: String = "s", _ change: (inout ScheduleSpec) -> Void = { _ in }) -> ScheduleSpec {
        var job = JobSpec(type: "test")
        job.args = Array(#"{"n":1}"#.utf8)
        var spec = ScheduleSpec(name: name, timing: .every(interval: minute, anchor: start), job: job)
        change(&spec)
        return spec
    }

    private func queue(_ spec: ScheduleSpec) async throws -> Queue {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(100_000), now: start)
        try await queue.putSchedule(spec, now: start)
        return queue
    }

    /// What a worker does when the tick is due.
    @discardableResult
    private func tick(_ queue: Queue, _ now: Int) async throws -> [TickOutcome] {
        var outcomes: [TickOutcome] = []
        for offered in try await queue.offeredTicks(now: now) { outcomes += try await queue.make(offered, now: now) }
        return outcomes
    }

    /// Ends everything that is ready.
    private func run(_ queue: Queue, _ outcome: Outcome = .success, now: Int) async throws -> [JobID] {
        let claims = try await queue.take(100, by: "w", now: now)
        _ = try await queue.settle(claims.map { Settled($0, outcome) }, by: "w", now: now)
        return claims.map(\.id)
    }

    private func only(_ queue: Queue, now: Int) async throws -> Schedule {
        try #require(try await queue.schedule("s", now: now))
    }

    private func id(_ minutes: Int, _ name: String = "s") -> JobID {
        .of("cron:\(name):\(TickText.text(start + minutes * minute))")
    }

    @Test func aTickMakesOneJobWithItsOwnId() async throws {
        let queue = try await queue(spec())
        #expect(try await queue.offeredTicks(now: start + minute - 1).isEmpty)
        let first = try #require(try await queue.offeredTicks(now: start + minute).first)
        // A second worker that was offered it, too, comes second.
        let second = try #require(try await queue.offeredTicks(now: start + minute + 1000).first)
        #expect(try await queue.make(first, now: start + minute) == [.started])
        #expect(try await queue.make(second, now: start + minute + 1000) == [])
        #expect(try await queue.stats(now: start).queue.queued == 1)
        #expect(try await queue.status(id(1)).state == .queued)
        #expect(try await queue.status(id(1)).body?.type == "test")
        #expect(try await only(queue, now: start).nextTick == start + 2 * minute)
        try await expectInvariants(queue)
        #expect(try await run(queue, now: start + minute) == [id(1)])
        let schedule = try await only(queue, now: start)
        #expect(schedule.last?.state == .succeeded)
        #expect(schedule.made == 1)
        try await expectInvariants(queue)
    }

    @Test func theTickOfAWorkerThatDiedIsOfferedAgainAfterASecond() async throws {
        let queue = try await queue(spec())
        #expect(try await queue.offeredTicks(now: start + minute).count == 1)
        #expect(try await queue.offeredTicks(now: start + minute + 999).isEmpty)
        #expect(try await tick(queue, start + minute + 1000) == [.started])
    }

    @Test func theSameSpecChangesNothingAndAnotherOneKeepsTheTickOfItsTiming() async throws {
        let queue = try await queue(spec())
        #expect(try await queue.putSchedule(spec(), now: start + 90_000) == .same)
        #expect(try await only(queue, now: start).nextTick == start + minute)
        #expect(try await queue.putSchedule(spec { $0.job.args = Array("{}".utf8) }, now: start + 90_000) == .changed)
        #expect(try await only(queue, now: start).nextTick == start + minute)
        let timing = Timing.every(interval: 7000, anchor: start)
        #expect(try await queue.putSchedule(spec { $0.timing = timing }, now: start + 8000) == .changed)
        #expect(try await only(queue, now: start).nextTick == start + 14_000)
        try await expectInvariants(queue)
    }

    @Test func aTickThatWasOfferedBeforeAChangeIsMadeByTheNewSpec() async throws {
        let queue = try await queue(spec())
        let old = try #require(try await queue.offeredTicks(now: start + minute).first)
        try await queue.putSchedule(spec { $0.job.type = "other" }, now: start + minute)
        #expect(try await queue.make(old, now: start + minute).isEmpty)
        #expect(try await tick(queue, start + minute + 1000) == [.started])
        #expect(try await queue.status(id(1)).body?.type == "other")
    }

    /// What the second tick does while the first one's job runs, or waits.
    @Test(arguments: [
        (ScheduleSpec.Overlap.allow, TickOutcome.started, true), (.skip, .skipped, true), (.replace, .buffered, true),
        (.bufferOne, .buffered, true), (.allow, .started, false), (.skip, .skipped, false), (.replace, .started, false),
        (.bufferOne, .buffered, false),
    ])
    func overlap(rule: ScheduleSpec.Overlap, outcome: TickOutcome, runs: Bool) async throws {
        let queue = try await queue(spec { $0.overlap = rule })
        try await tick(queue, start + minute)
        let claims = try await queue.take(runs ? 1 : 0, by: "w", now: start + minute)
        #expect(claims.count == (runs ? 1 : 0))
        #expect(try await tick(queue, start + 2 * minute) == [outcome])
        try await expectInvariants(queue)
        let before = try await queue.status(id(1))
        #expect(before.cancelRequested == (rule == .replace && runs))
        #expect((before.state == .cancelled) == (rule == .replace && !runs))
        #expect(try await only(queue, now: start).skipped == (rule == .skip ? 1 : 0))
        #expect(try await only(queue, now: start).buffered == (outcome == .buffered ? id(2) : nil))
        if outcome == .buffered {
            // At most one waits.
            let third: TickOutcome = rule == .replace ? .buffered : .skipped
            #expect(try await tick(queue, start + 3 * minute) == [third])
            let next = rule == .replace ? id(3) : id(2)
            #expect(try await queue.status(next).state == .unknown)
            let first = try await queue.take(runs ? 0 : 1, by: "w", now: start + 3 * minute) + claims
            _ = try await queue.settle(first.map { Settled($0, .cancelled(failure)) }, by: "w", now: start + 3 * minute)
            #expect(try await queue.status(next).state == .queued)
            #expect(try await only(queue, now: start).buffered == nil)
        }
        try await expectInvariants(queue)
    }

    @Test(arguments: [Outcome.success, .dead(failure), .cancelled(failure)])
    func theBufferedJobStartsHoweverTheEarlierOneEnds(outcome: Outcome) async throws {
        let queue = try await queue(spec { $0.overlap = .bufferOne })
        try await tick(queue, start + minute)
        try await tick(queue, start + 2 * minute)
        #expect(try await run(queue, outcome, now: start + 2 * minute) == [id(1)])
        #expect(try await run(queue, now: start + 2 * minute) == [id(2)])
        try await expectInvariants(queue)
    }

    @Test func aJobThatCrashesOrIsRetriedStillBelongsToItsSchedule() async throws {
        let queue = try await queue(spec { $0.overlap = .bufferOne })
        try await tick(queue, start + minute)
        let first = try await queue.take(by: "w", now: start + minute)
        _ = try await queue.settle(
            first.map { Settled($0, .failed(failure, delay: .zero)) }, by: "w", now: start + minute)
        try await queue.join("w2", lease: .seconds(5), now: start + minute)
        #expect(try await queue.take(by: "w2", now: start + minute).first?.attempt == 2)
        try await tick(queue, start + 2 * minute)
        let again = try await queue.take(by: "w", now: start + 2 * minute)
        #expect(again.map(\.attempt) == [3])
        #expect(again.map(\.crashes) == [1])
        _ = try await queue.settle(again.map { Settled($0, .success) }, by: "w", now: start + 2 * minute)
        #expect(try await queue.status(id(2)).state == .queued)
        try await expectInvariants(queue)
    }

    @Test func aStartByHandObeysTheOverlapRule() async throws {
        let queue = try await queue(spec { $0.overlap = .skip })
        let first = try await queue.runSchedule("s", now: start)
        #expect(first.outcome == .started)
        #expect(try await queue.status(first.id).state == .queued)
        #expect(try await queue.runSchedule("s", now: start).outcome == .skipped)
        #expect(try await only(queue, now: start).nextTick == start + minute)
        #expect(try await tick(queue, start + minute) == [.skipped])
        await #expect(throws: QueueError.noSchedule(queue: "default", schedule: "t")) {
            try await queue.runSchedule("t", now: start)
        }
        try await expectInvariants(queue)
    }

    @Test func itPausesAfterSoManyDeadJobsInARow() async throws {
        let queue = try await queue(spec { $0.pauseAfterFailures = 2 })
        for (minutes, outcome) in [(1, Outcome.dead(failure)), (2, .success), (3, .dead(failure)), (4, .dead(failure))]
        {
            #expect(try await only(queue, now: start).pause == nil)
            try await tick(queue, start + minutes * minute)
            #expect(try await run(queue, outcome, now: start + minutes * minute) == [id(minutes)])
        }
        let paused = try await only(queue, now: start)
        #expect(paused.pause == .failures)
        #expect(paused.nextTick == nil)
        #expect(try await tick(queue, start + 5 * minute) == [])
        try await expectInvariants(queue)
        #expect(try await queue.resumeSchedule("s", now: start + 10 * minute))
        #expect(try await only(queue, now: start).nextTick == start + 11 * minute)
        #expect(try await only(queue, now: start).failures == 0)
        try await expectInvariants(queue)
    }

    @Test func ticksOfAPauseAreLeftOut() async throws {
        let queue = try await queue(spec())
        #expect(try await queue.pauseSchedule("s"))
        #expect(try await !queue.pauseSchedule("s"))
        #expect(try await tick(queue, start + 2 * minute) == [])
        // A change of its timing does not start it.
        try await queue.putSchedule(spec { $0.timing = .every(interval: 5000, anchor: start) }, now: start)
        #expect(try await only(queue, now: start).nextTick == nil)
        #expect(try await queue.resumeSchedule("s", now: start + 2 * minute))
        #expect(try await !queue.resumeSchedule("s", now: start + 2 * minute))
        #expect(try await only(queue, now: start).nextTick == start + 2 * minute + 5000)
        try await expectInvariants(queue)
    }

    @Test func anOfferedTickIsNotMadeAfterAPause() async throws {
        let queue = try await queue(spec())
        let offered = try #require(try await queue.offeredTicks(now: start + minute).first)
        try await queue.pauseSchedule("s")
        #expect(try await queue.make(offered, now: start + minute).isEmpty)
        #expect(try await queue.stats(now: start).queue.queued == 0)
    }

    /// The last tick that fell into a downtime is 30 s old.
    @Test(arguments: [
        (CatchUp.none, [5]), (.latest, [5]), (.all(limit: 3), [3, 4, 5]), (.all(limit: 9), [1, 2, 3, 4, 5]),
    ])
    func afterADowntime(catchUp: CatchUp, made: [Int]) async throws {
        let queue = try await queue(spec { $0.catchUp = catchUp })
        try await tick(queue, start + 5 * minute + 30_000)
        #expect(try await run(queue, now: start + 6 * minute - 1) == made.map { id($0) })
        #expect(try await only(queue, now: start).missed == 5 - made.count)
        #expect(try await only(queue, now: start).nextTick == start + 6 * minute)
        try await expectInvariants(queue)
    }

    @Test func withoutCatchUpATickThatIsAMinuteLateIsLeftOut() async throws {
        let hourly = Timing.every(interval: 60 * minute, anchor: start)
        let queue = try await queue(
            spec {
                $0.timing = hourly
                $0.catchUp = .none
            })
        #expect(try await tick(queue, start + 61 * minute) == [])
        #expect(try await only(queue, now: start).missed == 1)
        #expect(try await only(queue, now: start).nextTick == start + 120 * minute)
    }

    @Test func jitterDelaysAJobByLessThanItsLimit() async throws {
        let queue = try await queue(spec { $0.jitter = .seconds(30) })
        var delays: Set<Int> = []
        for minutes in 1...20 {
            try await tick(queue, start + minutes * minute)
            let due = try await queue.status(id(minutes)).runAt ?? start + minutes * minute
            delays.insert(due - start - minutes * minute)
            _ = try await run(queue, now: start + minutes * minute + 30_000)
        }
        #expect(delays.count > 10)
        #expect(delays.allSatisfy { (0..<30_000).contains($0) })
        try await expectInvariants(queue)
    }

    @Test func itEndsAtItsEnd() async throws {
        let queue = try await queue(spec { $0.until = start + 2 * minute })
        #expect(try await tick(queue, start + minute) == [.started])
        #expect(try await tick(queue, start + 2 * minute) == [.started])
        #expect(try await only(queue, now: start).nextTick == nil)
        #expect(try await queue.command("EXISTS", "ticks").int == 0)
        try await expectInvariants(queue)
    }

    @Test func itsJobsExpire() async throws {
        let queue = try await queue(spec { $0.job.expires = .seconds(10) })
        try await tick(queue, start + minute)
        #expect(try await run(queue, now: start + minute + 10_000).isEmpty)
        #expect(try await queue.status(id(1)).state == .expired)
        try await expectInvariants(queue)
    }

    @Test func itsJobsWaitForTheirLimits() async throws {
        let queue = try await queue(spec { $0.job.limits = [LimitUse("a b", cost: 2), LimitUse("slots")] })
        try await queue.setLimit("slots", to: Limit(atOnce: 1), now: start)
        try await tick(queue, start + minute)
        try await tick(queue, start + 2 * minute)
        #expect(try await queue.status(id(1)).waitsFor == "a%20b")
        let first = try await queue.take(100, by: "w", now: start + 2 * minute)
        #expect(first.map(\.id) == [id(1)], "the earlier tick has the earlier turn")
        #expect(try await queue.status(id(2)).waitsFor == "slots")
        try await expectInvariants(queue)
        _ = try await queue.settle(first.map { Settled($0, .success) }, by: "w", now: start + 2 * minute)
        #expect(try await run(queue, now: start + 2 * minute) == [id(2)])
        #expect(try await only(queue, now: start).made == 2)
        try await expectInvariants(queue)
    }

    /// What starts later, by hand, or after a delay has the limits too.
    @Test func aBufferedJobAndAStartByHandWaitForTheirLimitsToo() async throws {
        let queue = try await queue(
            spec {
                $0.overlap = .bufferOne
                $0.job.expires = .seconds(3600)
                $0.job.limits = [LimitUse("k"), LimitUse("l", cost: 3)]
            })
        let first = try await queue.runSchedule("s", now: start)
        #expect(first.outcome == .started)
        #expect(try await queue.status(first.id).waitsFor == "k")
        #expect(try await tick(queue, start + minute) == [.buffered])
        #expect(try await only(queue, now: start).buffered == id(1))
        #expect(try await run(queue, now: start + minute) == [first.id])
        #expect(try await queue.status(id(1)).waitsFor == "k")
        #expect(
            try await queue.command("HGET", "job:cron:s:\(TickText.text(start + minute))", "l").string
                == "schedule s\nturn 2\nlimit k 1\nlimit l 3")
        #expect(try await queue.status(id(1)).body?.type == "test")
        #expect(try await run(queue, now: start + minute) == [id(1)])
        try await expectInvariants(queue)
    }

    @Test func aJobWithJitterGoesToItsGateWhenItIsDue() async throws {
        let queue = try await queue(
            spec {
                $0.jitter = .seconds(30)
                $0.job.limits = [LimitUse("k")]
            })
        try await queue.setLimit("k", to: Limit(atOnce: 1), now: start)
        for minutes in 1...3 { try await tick(queue, start + minutes * minute) }
        #expect(try await queue.take(100, by: "w", now: start + 4 * minute).map(\.id) == [id(1)])
        #expect(try await queue.stats(now: start).queue.parked == 2)
        try await expectInvariants(queue)
    }

    @Test func limitsOfASpecAreCheckedAndReadBack() async throws {
        let limited = spec { $0.job.limits = [LimitUse("k"), LimitUse("l", cost: 3)] }
        #expect(try ScheduleSpec(json: limited.json) == limited)
        #expect(limited.revision != spec().revision)
        #expect(!String(decoding: spec().json, as: UTF8.self).contains("limits"))
        for limits in [[LimitUse("")], [LimitUse("k"), LimitUse("k")], [LimitUse("k", cost: 0)]] {
            let wrong = spec { $0.job.limits = limits }
            #expect(throws: QueueError.self) { try wrong.validate() }
            let refused = #expect(throws: ScheduleErrors.self) { try ScheduleSpec(json: wrong.json) }
            #expect(refused?.errors.map(\.field) == ["limits"])
        }
    }

    @Test func aFileRemovesOnlyWhatItMade() async throws {
        let queue = try await makeQueue()
        let connection = queue.connection
        try await queue.putSchedule(spec("hand"))
        let first = try await Queue.syncSchedules([spec("a"), spec("b"), spec("hand")], from: "f.yml", on: connection)
        #expect(first.added == ["a", "b"])
        #expect(first.same == ["hand"])
        try await queue.putSchedule(spec("b") { $0.jitter = .seconds(1) })
        let other = try await Queue.syncSchedules([spec("c")], from: "g.yml", on: connection)
        #expect(other.removed == [])
        let second = try await Queue.syncSchedules([], from: "f.yml", on: connection)
        #expect(second.removed == ["a"], "b was changed at run time, hand was made at run time, c is another file's")
        #expect(try await queue.schedules().map(\.name) == ["b", "c", "hand"])
        try await expectInvariants(queue)
    }

    @Test func aNameTwiceInAFileIsRefusedBeforeAnythingIsMade() async throws {
        let queue = try await makeQueue()
        await #expect(throws: QueueError.self) {
            try await Queue.syncSchedules([spec("a"), spec("a")], from: "f.yml", on: queue.connection)
        }
        #expect(try await queue.schedules().isEmpty)
    }

    @Test func atMostAThousandSchedulesInAQueue() async throws {
        let queue = try await makeQueue()
        for i in 0..<Queue.scheduleLimit { try await queue.putSchedule(spec("s\(i)"), now: start) }
        await #expect(throws: QueueError.self) { try await queue.putSchedule(spec("more"), now: start) }
        #expect(try await queue.putSchedule(spec("s7") { $0.jitter = .seconds(1) }, now: start) == .changed)
        #expect(try await queue.removeSchedule("s7"))
        #expect(try await queue.putSchedule(spec("more"), now: start) == .added)
    }

    @Test func aTickWithoutAWorkerIsOverdue() async throws {
        let queue = try await queue(spec())
        #expect(try await queue.stats(now: start + minute - 1).queue.ticksOverdue == 0)
        let late = try await queue.stats(now: start + minute + 5000).queue
        #expect(late.schedules == 1)
        #expect(late.ticksOverdue == 1)
        #expect(late.oldestTickSeconds == 5)
        _ = try await queue.offeredTicks(now: start + minute + 5000)
        #expect(try await queue.stats(now: start + minute + 5500).queue.ticksOverdue == 1, "an offer makes no job")
        try await tick(queue, start + minute + 6000)
        #expect(try await queue.stats(now: start + minute + 6000).queue.ticksOverdue == 0)
    }

    @Test(arguments: [
        "DEL schedule:s", "SREM schedules s", "ZREM ticks s", "HDEL schedule:s tick", "HSET schedule:s spec x",
    ])
    func verifyFindsABrokenSchedule(harm: String) async throws {
        let queue = try await queue(spec())
        let words = harm.split(separator: " ").map(String.init)
        var command = RedisCommand("EVAL", arguments: 2 + words.count)
        command.append("return redis.call(KEYS[1], unpack(ARGV))")
        command.append("1")
        command.append(words[0])
        command.append(queue.base + words[1])
        for word in words.dropFirst(2) { command.append(word) }
        _ = try await queue.send(command)
        #expect(try await queue.verify().map(\.kind).contains(.schedule))
    }

    @Test func nothingIsLeftOfARemovedSchedule() async throws {
        let queue = try await queue(spec { $0.overlap = .bufferOne })
        try await tick(queue, start + minute)
        try await tick(queue, start + 2 * minute)
        #expect(try await queue.removeSchedule("s"))
        #expect(try await !queue.removeSchedule("s"))
        #expect(try await run(queue, now: start + 2 * minute) == [id(1)])
        #expect(try await queue.schedules().isEmpty)
        try await expectInvariants(queue)
    }
}
