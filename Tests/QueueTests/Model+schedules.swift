import Queue

/// One schedule, which ticks at the times that are a multiple of `interval` after `start`.
struct ModelSchedule {
    var overlap: ScheduleSpec.Overlap
    var pauseAfter: Int?
    var interval: Int
    var ttl: Int?
    /// Of its jobs.
    var options: Model.Options
    var tick: Int?
    /// From when on its tick is offered: another second after each offer.
    var offeredFrom: Int
    var last: JobID?
    var buffered: JobID?
    var pause: Schedule.Pause?
    var failures = 0, made = 0, skipped = 0, missed = 0

    /// The last tick that is due at this time.
    func latest(_ now: Int) -> Int { start + (now - start) / interval * interval }
}

/// Schedules, as docs/schedules.md describes them.
extension Model {
    /// - Returns: the tick that a worker is offered.
    mutating func offerTick(now: Int) -> Int? {
        guard let tick = schedule?.tick, let from = schedule?.offeredFrom, from <= now else { return nil }
        schedule?.offeredFrom = now + 1000
        return tick
    }

    /// - Parameters:
    ///   - offeredAt: decides which ticks are made up for: only the last one makes a job.
    ///   - id: of its job.
    /// - Returns: nothing if the tick has been made.
    mutating func make(_ tick: Int, offeredAt: Int, _ id: JobID, delay: Int, now: Int) -> [TickOutcome] {
        guard let known = schedule, known.pause == nil, known.tick == tick else { return [] }
        let latest = known.latest(offeredAt)
        setTick(latest + known.interval)
        schedule?.missed += (latest - tick) / known.interval
        let state = known.last.flatMap { jobs[$0]?.state }
        var isAlive = known.overlap != .allow && state.map { !$0.hasEnded } ?? false
        if isAlive, known.overlap == .replace, let last = known.last {
            if schedule?.buffered != nil { schedule?.skipped += 1 }
            schedule?.buffered = nil
            _ = cancel(last, now: now)
            isAlive = state == .running
        }
        if !isAlive {
            startTick(id, delay: delay, now: now)
            return [.started]
        }
        if known.overlap == .skip || schedule?.buffered != nil {
            schedule?.skipped += 1
            return [.skipped]
        }
        schedule?.buffered = id
        return [.buffered]
    }

    private mutating func setTick(_ tick: Int?) {
        schedule?.tick = tick
        schedule?.offeredFrom = tick ?? 0
    }

    private mutating func startTick(_ id: JobID, delay: Int, now: Int) {
        guard var options = schedule?.options else { return }
        options.expiry = (schedule?.ttl).map { now + $0 }
        schedule?.last = id
        schedule?.made += 1
        store(id, options, delay > 0 ? .scheduled(now + delay) : .queued)
    }

    /// What follows when one of its jobs has ended.
    mutating func scheduleFollows(_ id: JobID, _ state: JobState, now: Int) {
        guard let known = schedule, jobs[id]?.options.isTick == true else { return }
        if state == .succeeded { schedule?.failures = 0 }
        if state == .dead {
            schedule?.failures += 1
            if let most = known.pauseAfter, known.failures + 1 >= most {
                schedule?.pause = known.pause ?? .failures
                setTick(nil)
            }
        }
        guard id == known.last, let buffered = known.buffered else { return }
        schedule?.buffered = nil
        startTick(buffered, delay: 0, now: now)
    }

    /// - Returns: whether this changed anything.
    mutating func pauseSchedule() -> Bool {
        let changes = schedule?.pause == nil
        schedule?.pause = .operator
        setTick(nil)
        return changes
    }

    /// - Returns: whether this changed anything.
    mutating func resumeSchedule(now: Int) -> Bool {
        guard let known = schedule, known.pause != nil else { return false }
        schedule?.pause = nil
        schedule?.failures = 0
        setTick(known.latest(now) + known.interval)
        return true
    }
}
