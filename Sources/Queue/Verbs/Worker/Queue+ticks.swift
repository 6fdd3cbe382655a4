internal import Cron
internal import PackhorseRedis

/// A tick that is due and was offered to this worker.
package struct OfferedTick: Sendable {
    /// The schedule's name.
    package let schedule: String
    let revision: String
    /// In ms since 1970.
    package let tick: Int
    /// Redis' clock when it was offered, in ms.
    let now: Int
    /// The stored spec.
    let spec: [UInt8]
}

/// A call of tick.lua.
struct Tick: Sendable {
    var schedule: String
    var revision: String
    /// The tick that is made, in ms; nil for a start by hand.
    var tick: Int?
    var next: Int?
    var missed: Int
    var jobs: [TickJob]
}

/// The job of a tick.
struct TickJob: Sendable {
    var id: JobID
    /// Field `b`.
    var body: [UInt8]
    /// In ms; `ttl`: it expires this long after its tick was made, nil if it doesn't.
    var delay: Int
    var ttl: Int?
    /// ` <key> <cost>` for each of its limits, in the form in which Redis has the keys.
    var limits: String
}

extension Queue {
    /// The ticks that are due and that no other worker is making.
    package func offeredTicks(now: Int? = nil) async throws(QueueError) -> [OfferedTick] {
        let parts = try await run(.offerTicks, arguments: 0, now: now) { _ in }.array ?? []
        guard let time = parts.first?.int else { throw .refused(script: "offer_ticks", message: "unexpected reply") }
        return stride(from: 1, to: parts.count - 3, by: 4).compactMap { i in
            guard let name = parts[i].string, let revision = parts[i + 1].string,
                let tick = parts[i + 2].string.flatMap({ Int($0) }), case .bytes(let spec) = parts[i + 3]
            else { return nil }
            return OfferedTick(schedule: name, revision: revision, tick: tick, now: time, spec: spec)
        }
    }

    /// Makes the jobs of a tick and sets the schedule's next one. If another worker has made it, nothing changes.
    ///
    /// - Returns: what became of the jobs, empty if another worker was faster.
    /// - Throws: `QueueError.damaged` if the stored spec can't be read, perhaps because a newer version wrote it.
    @discardableResult
    package func make(_ offered: OfferedTick, now: Int? = nil) async throws(QueueError) -> [TickOutcome] {
        let spec: ScheduleSpec
        do throws(ScheduleErrors) {
            spec = try ScheduleSpec(json: offered.spec)
        } catch {
            throw .damaged(id: "schedule \(offered.schedule)", reason: "\(error)")
        }
        let due = spec.timing.due(since: offered.tick, now: offered.now, catchUp: spec.catchUp)
        var jobs: [TickJob] = []
        for tick in due.run where spec.limited(tick) != nil {
            let id = try JobID("\(name).cron:\(spec.name):\(TickText.text(tick))")
            let jitter = Jitter.offset(of: spec.name, tick: tick, within: spec.jitter.milliseconds)
            jobs.append(
                try tickJob(of: spec, id, delay: max(0, tick + jitter - offered.now), created: offered.now))
        }
        let call = Tick(
            schedule: offered.schedule, revision: offered.revision, tick: offered.tick, next: spec.limited(due.next),
            missed: due.missed, jobs: jobs)
        return try await tick(call, now: now) ?? []
    }

    func tickJob(of spec: ScheduleSpec, _ id: JobID, delay: Int, created: Int) throws(QueueError) -> TickJob {
        let job = try spec.job.job(id: id)
        let body = try job.header(created: created) + job.arguments.stored
        let limits = spec.job.limits.map { " \($0.storedKey) \($0.cost)" }.joined()
        return TickJob(id: id, body: body, delay: delay, ttl: spec.job.expires?.milliseconds, limits: limits)
    }

    /// - Returns: nil if the schedule is gone or its tick is another one now.
    func tick(_ call: Tick, now: Int?) async throws(QueueError) -> [TickOutcome]? {
        let bytes = call.jobs.reduce(512) { $0 + $1.body.count + 128 }
        let reply = try await run(.tick, arguments: 5 + 5 * call.jobs.count, capacity: bytes, now: now) { command in
            command.append(call.schedule)
            command.append(call.revision)
            command.append(call.tick.map { "\($0)" } ?? "")
            command.append(call.next.map { "\($0)" } ?? "")
            command.append(call.missed)
            for job in call.jobs {
                append(job.id, to: &command)
                command.append(job.body)
                command.append(job.delay)
                command.append(job.ttl.map { "\($0)" } ?? "")
                command.append(job.limits)
            }
        }
        let words = (reply.array ?? []).compactMap { $0.string }
        return words.first == "made" ? words.dropFirst().compactMap(TickOutcome.init(rawValue:)) : nil
    }
}

/// A tick in the id of its job: `20310504T120000Z`.
enum TickText {
    /// - Parameter ms: since 1970; ticks are at least a second apart, so seconds suffice.
    static func text(_ ms: Int) -> String {
        ISOTime.text(ms).prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }
}
