import Servers
import PackhorseRedis

@testable import Queue

/// Whether Redis and the model agree after a step.
extension ModelRun {
    /// All that can be asked about, in one round trip; two if an open order must be looked up.
    mutating func compare() async throws {
        let queue = queue, ids = ids, now = now, steps = steps
        async let records = queue.status(ids, now: now)
        async let places = queue.inspect(ids.map(\.key))
        async let counters = queue.counters()
        // Each counter is in the counters too: what is shown of them need not be looked at after every step.
        async let stats = steps.count % 4 == 0 ? queue.stats(now: now) : nil
        async let bell = queue.command("ZCARD", "bell").int

        for record in try await records { try compare(record) }
        let findings = try await places.flatMap(\.findings) + counters
        guard findings.isEmpty else { throw Difference(description: "invariants: \(findings)") }
        if let stats = try await stats {
            try compare(stats.queue)
            try await compareSchedule()
        }
        for list in 0..<4 where model.open[list] != nil || model.openTails[list] != nil { try await close(list) }
        model.open = [:]
        model.openTails = [:]
        let rung = try await bell == 1
        let all = model.workers.filter { $0.value > now && free($0.key) > 0 }.keys
        let isWanted = model.wantsWorker(now: now) || seesDead
        seesDead = false
        if !rung, !all.isEmpty, all.allSatisfy({ (asleep[$0] ?? 0) > now }), isWanted {
            throw Difference(
                description: "work waits at \(now) and all workers sleep: \(asleep), leases \(model.workers)")
        }
    }

    private mutating func compare(_ real: JobRecord) throws {
        let id = real.id
        guard let job = model.jobs[id] else { return try expect("state of \(id)", real.state, .unknown) }
        try expect("state of \(id)", real.state, job.state)
        try expect("failures of \(id)", real.failures, job.failures)
        try expect("crashes of \(id)", real.crashes, job.crashes)
        try expect("cancel of \(id)", real.cancelRequested && !real.state.hasEnded, job.cancelRequested)
        try compareTurn(real)
        try expect("priority of \(id)", real.body?.priority, job.options.priority)
        switch job.place {
        case .running(let worker, let attempt, let started):
            try expect("worker of \(id)", real.worker, worker)
            try expect("attempt of \(id)", real.attempt, attempt)
            try expect("start of \(id)", real.startedAt, started)
        case .ended(_, let at): try expect("end of \(id)", real.finishedAt, at)
        case .scheduled(let at), .unclaimed(let at), .awaiting(_, let at):
            try expect("due time of \(id)", real.runAt, at)
        case .queued: try expect("due time of \(id)", real.runAt, nil)
        case .retrying(let range):
            guard let at = real.runAt, range.contains(at) else {
                throw Difference(description: "\(id) is due at \(real.runAt ?? -1), the model says \(range)")
            }
            model.jobs[id]?.place = .retrying(at...at)
        }
        if case .running = job.place { return }
        try expect("attempt of \(id)", real.attempt, job.attempts)
    }

    private func compare(_ real: QueueStats) throws {
        func kept(_ state: JobState) -> Int { model.jobs.values.count { $0.state == state } }
        func total(_ name: String) -> Int { model.totals[name, default: 0] }
        let unclaimed = model.jobs.values.count { if case .unclaimed = $0.place { true } else { false } }
        let awaiting = model.jobs.values.count { if case .awaiting = $0.place { true } else { false } }
        let overdue = (model.schedule?.tick).flatMap { $0 <= now ? $0 : nil }
        let wanted = QueueStats(
            name: queue.name.text, scheduled: kept(.scheduled), queued: kept(.queued), running: kept(.running),
            retrying: kept(.retrying), succeeded: kept(.succeeded), dead: kept(.dead), cancelled: kept(.cancelled),
            expired: kept(.expired), unclaimed: unclaimed, awaiting: awaiting, paused: model.isPaused,
            damaged: false,
            oldestQueuedSeconds: real.oldestQueuedSeconds,
            schedules: model.schedule == nil ? 0 : 1, ticksOverdue: overdue == nil ? 0 : 1,
            oldestTickSeconds: Double(overdue.map { now - $0 } ?? 0) / 1000,
            parked: model.jobs.keys.count {
                (model.isLimited($0) || model.isCollected($0)) && model.jobs[$0]?.place == .queued
                    && !model.isFollowing($0)
            },
            sequences: model.heads.count, halted: model.halted.count,
            following: model.followers.values.reduce(0) { $0 + $1.count }, tenants: model.tenantsWaiting,
            totals: QueueStats.Totals(
                enqueued: total("enqueued"), succeeded: total("succeeded"), failedAttempts: total("failedAttempts"),
                crashes: total("crashes"), dead: total("dead"), cancelled: total("cancelled"), expired: total("expired")
            ))
        try expect("stats", real, wanted)
    }

    private mutating func closeTail(_ list: Int, _ tail: Set<JobID>, _ real: [JobID]) {
        var order = real.filter(tail.contains)
        for at in model.lists[list].indices where tail.contains(model.lists[list][at]) && !order.isEmpty {
            model.lists[list][at] = order.removeFirst()
        }
    }

    /// Takes over the order of jobs that came back together, if these are the ones. Those that have ended since may have
    /// been passed over or not.
    private mutating func close(_ list: Int) async throws {
        let elements = try await queue.command("LRANGE", "queued:\(list)", "0", "-1").array ?? []
        let real = Array(elements.compactMap(Queue.id).reversed())
        let head = Array(model.lists[list].prefix(model.open[list] ?? 0))
        let passed = head.filter { model.graves.contains($0) && !real.contains($0) }
        let order = Array(real.prefix(head.count - passed.count))
        try expect("jobs that came back", Set(order), Set(head).subtracting(passed))
        model.lists[list].replaceSubrange(0..<head.count, with: order)
        model.graves.subtract(passed)
        if let tail = model.openTails[list] { closeTail(list, tail, real) }
    }
}
