internal import Cron
internal import PackhorseRedis

/// What `putSchedule` changed.
public enum ScheduleChange: String, Sendable, Codable {
    /// There was no schedule of this name.
    case added
    /// Its spec was another one. If its timing stayed, so did its next tick.
    case changed
    /// Nothing.
    case same
}

/// What became of the job of a tick.
public enum TickOutcome: String, Sendable, Codable {
    /// It was stored.
    case started
    /// It starts when the schedule's earlier job has ended.
    case buffered
    /// An earlier job has not ended, and `overlap` says that this one is not made.
    case skipped
    /// It was stored before: the call was repeated.
    case known
}

extension Queue {
    /// The maximum number of schedules in one queue.
    public static let scheduleLimit = 1000

    /// Makes a schedule or changes it. With the same spec it changes nothing, so every instance of a program may call
    /// it at its start.
    ///
    /// - Parameter source: the name of the file that has the schedule; empty for a request at run time, which takes a
    ///   schedule away from its file.
    /// - Throws: `QueueError.field` for a spec that is refused, `.capReached` at 1,000 schedules.
    @discardableResult
    public func putSchedule(
        _ spec: ScheduleSpec, source: String = "", now: Int? = nil
    ) async throws(QueueError) -> ScheduleChange {
        try spec.validate()
        guard spec.job.queue == name.text else {
            throw .field(
                .invalid, "queue", found: spec.job.queue, allowed: "\(name), the queue that keeps the schedule")
        }
        let first = spec.next(after: try await clock(now))
        let reply = try await run(.schedulePut, arguments: 8, capacity: 512 + spec.json.count, now: now) { command in
            command.append(spec.name)
            command.append(spec.json)
            command.append(spec.revision)
            command.append(spec.timingRevision)
            command.append(source)
            command.append(spec.overlap.rawValue)
            command.append(spec.pauseAfterFailures ?? 0)
            command.append(first.map { "\($0)" } ?? "")
        }
        return reply.string.flatMap(ScheduleChange.init(rawValue:)) ?? .same
    }

    /// Removes a schedule. The jobs that it has made stay.
    ///
    /// - Parameter source: remove it only if this file made it; nil to remove it in any case.
    /// - Returns: false if there was none.
    @discardableResult
    public func removeSchedule(_ schedule: String, madeBy source: String? = nil) async throws(QueueError) -> Bool {
        try await run(.scheduleRemove, arguments: 3, now: nil) { command in
            command.append(schedule)
            command.append(source == nil ? "any" : "source")
            command.append(source ?? "")
        }.int == 1
    }

    /// All schedules of the queue, by name.
    public func schedules(now: Int? = nil) async throws(QueueError) -> [Schedule] {
        try await readSchedules("", now: now).schedules.sorted { $0.name < $1.name }
    }

    /// One schedule; nil if there is none of this name.
    public func schedule(_ name: String, now: Int? = nil) async throws(QueueError) -> Schedule? {
        try await readSchedules(name, now: now).schedules.first
    }

    /// Stops the ticks of a schedule. Jobs that it has made stay.
    ///
    /// - Returns: false if it was paused already.
    /// - Throws: `QueueError.noSchedule`.
    @discardableResult
    public func pauseSchedule(_ schedule: String) async throws(QueueError) -> Bool {
        let reply = try await run(.schedulePause, arguments: 2, now: nil) { command in
            command.append(schedule)
            command.append("1")
        }
        return try changed(reply, schedule)
    }

    /// Resumes a paused schedule. Ticks that fell into the pause are left out, and its failures are counted anew.
    ///
    /// - Returns: false if it was not paused.
    /// - Throws: `QueueError.noSchedule`.
    @discardableResult
    public func resumeSchedule(_ schedule: String, now: Int? = nil) async throws(QueueError) -> Bool {
        while true {
            let (time, found) = try await readSchedules(schedule, now: now)
            guard let known = found.first else { throw .noSchedule(queue: name.text, schedule: schedule) }
            let next = known.spec?.next(after: time)
            let reply = try await run(.schedulePause, arguments: 4, now: now) { command in
                command.append(schedule)
                command.append("0")
                command.append(known.revision)
                command.append(next.map { "\($0)" } ?? "")
            }
            if reply.string != "stale" { return try changed(reply, schedule) }
        }
    }

    private func changed(_ reply: RedisReply, _ schedule: String) throws(QueueError) -> Bool {
        if reply.string == "unknown" { throw .noSchedule(queue: name.text, schedule: schedule) }
        return reply.string == "done"
    }

    /// Makes a schedule's job now. Its overlap rule applies; its next tick stays.
    ///
    /// - Returns: the job's id and what became of it.
    /// - Throws: `QueueError.noSchedule`.
    public func runSchedule(_ schedule: String, now: Int? = nil) async throws(QueueError) -> (
        id: JobID, outcome: TickOutcome
    ) {
        let (time, found) = try await readSchedules(schedule, now: now)
        guard let spec = found.first?.spec else { throw .noSchedule(queue: name.text, schedule: schedule) }
        let mark = "run-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let id = try JobID("\(name).cron:\(schedule):\(mark)")
        let call = Tick(
            schedule: schedule, revision: "", tick: nil, next: nil, missed: 0,
            jobs: [try tickJob(of: spec, id, delay: 0, created: time)])
        guard let outcome = try await tick(call, now: now)?.first else {
            throw .noSchedule(queue: name.text, schedule: schedule)
        }
        return (id, outcome)
    }

    /// - Returns: Redis' clock in ms, and the schedules.
    private func readSchedules(_ name: String, now: Int?) async throws(QueueError) -> (now: Int, schedules: [Schedule])
    {
        let parts = try await run(.schedules, arguments: 1, now: now) { $0.append(name) }.array ?? []
        guard let time = parts.first?.int else { throw .refused(script: "schedules", message: "unexpected reply") }
        return (time, parts.dropFirst().compactMap { Schedule($0.array ?? [], in: self.name) })
    }

    /// Redis' clock in ms: schedules don't depend on the clocks of other machines.
    private func clock(_ now: Int?) async throws(QueueError) -> Int {
        if let now { return now }
        let time = try await send(RedisCommand("TIME", arguments: 0)).array ?? []
        guard let seconds = time.first?.string.flatMap({ Int($0) }) else {
            throw .refused(script: "TIME", message: "unexpected reply")
        }
        return seconds * 1000
    }
}

extension Schedule {
    /// An element of the reply of schedules.lua.
    init?(_ row: [RedisReply], in queue: QueueName) {
        guard row.count == 3, let name = row[0].string else { return nil }
        var fields: [String: [UInt8]] = [:]
        let flat = row[1].array ?? []
        for i in stride(from: 0, to: flat.count - 1, by: 2) {
            if let field = flat[i].string, case .bytes(let value) = flat[i + 1] { fields[field] = value }
        }
        func text(_ field: String) -> String? { fields[field].map { String(decoding: $0, as: UTF8.self) } }
        func number(_ field: String) -> Int? { text(field).flatMap { Int($0) } }
        self.queue = queue
        self.name = name
        spec = fields["spec"].flatMap { try? ScheduleSpec(json: $0) }
        source = text("source") ?? ""
        nextTick = number("tick")
        pause = text("paused").flatMap(Pause.init(rawValue:))
        let state = row[2].string.flatMap(JobState.init(rawValue:)) ?? .unknown
        last = fields["last"].map { (JobID(key: $0), state) }
        buffered = fields["buffered"].map { JobID(key: $0.prefix { $0 != UInt8(ascii: "\n") }) }
        failures = number("failures") ?? 0
        (made, skipped, missed) = (number("made") ?? 0, number("skipped") ?? 0, number("missed") ?? 0)
        revision = text("revision") ?? ""
    }
}
