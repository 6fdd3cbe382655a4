import Queue

/// What workers do: join, beat, reserve, settle, leave.
extension Model {
    /// - Parameter moves: the server that it has joined is not the one that would miss it, unless it beats again.
    mutating func join(_ worker: String, until end: Int, moves: Bool) {
        workers[worker] = end
        if moves { moved.insert(worker) }
    }

    func isAlive(_ worker: String, now: Int) -> Bool { workers[worker].map { $0 > now } ?? false }

    /// - Returns: what it is told to cancel; nil when its jobs were taken over.
    mutating func beat(_ worker: String, until end: Int, now: Int) -> Set<JobID>? {
        guard workers[worker] != nil else { return nil }
        workers[worker] = end
        moved.remove(worker)
        return Set(claims(of: worker).filter { jobs[$0]?.cancelRequested == true })
    }

    func claims(of worker: String) -> [JobID] {
        jobs.compactMap { id, job in
            if case .running(worker, _, _) = job.place { id } else { nil }
        }
    }

    /// - Parameter real: what was handed out; decides where the order is open.
    /// - Returns: the ids in order; nil when its lease has lapsed.
    mutating func reserve(
        _ room: Int, by worker: String, maxCrashes: Int, keep: Int, keepDead: Int, forgetAll: Bool, like real: [JobID],
        now: Int
    ) -> [JobID]? {
        guard isAlive(worker, now: now) else { return nil }
        rescue(maxCrashes, now)
        expire(now)
        makeDueReady(now)
        prune(keep: keep, keepDead: keepDead, all: forgetAll, now)
        guard !isPaused else { return [] }
        var taken: [JobID] = []
        func start(_ model: inout Model, _ id: JobID) {
            let attempt = (model.jobs[id]?.attempts ?? 0) + 1
            model.jobs[id]?.place = .running(worker: worker, attempt: attempt, started: now)
            taken.append(id)
        }
        // A batch takes one slot.
        var room = room
        for list in 0..<4 {
            if now % 2 == 1 { takeGated(list, &room, real, now, taken: { taken.count }, start) }
            takeReady(list, room, real, taken: { taken.count }, start)
            if now % 2 == 0 { takeGated(list, &room, real, now, taken: { taken.count }, start) }
        }
        return taken
    }

    /// Takes jobs of one priority from its list and, while some wait there, from its tenants.
    private mutating func takeReady(
        _ list: Int, _ room: Int, _ real: [JobID], taken: () -> Int, _ start: (inout Model, JobID) -> Void
    ) {
        while taken() < room, !lists[list].isEmpty || !shares[list].waiting.isEmpty {
            var limit = room
            if !shares[list].waiting.isEmpty {
                let turn = shares[list].take(room - taken(), listed: lists[list].count)
                for id in turn.ids { start(&self, id) }
                limit = taken() + turn.plain
            }
            while taken() < limit, !lists[list].isEmpty {
                if taken() < real.count { settleOrder(list, real[taken()]) }
                let id = lists[list].removeFirst()
                open[list] = open[list].flatMap { $0 > 2 ? $0 - 1 : nil }
                if graves.remove(id) == nil { start(&self, id) }
            }
        }
    }

    /// Takes jobs of one priority whose keys have permits, and batches. Which of several comes first is open.
    private mutating func takeGated(
        _ list: Int, _ room: inout Int, _ real: [JobID], _ now: Int, taken: () -> Int,
        _ start: (inout Model, JobID) -> Void
    ) {
        while taken() < room {
            let ready = jobs.filter {
                $0.value.place == .queued && isLimited($0.key) && !isFollowing($0.key)
                    && $0.value.options.priority.rawValue == list
                    && hasPermits($0.value, now: now)
            }.keys
            let batches = batches(now: now).filter { jobs[$0.key]?.options.priority.rawValue == list }
            let all = Array(ready) + Array(batches.keys)
            guard let first = all.first else { return }
            let id = taken() < real.count && all.contains(real[taken()]) ? real[taken()] : first
            if let batch = batches[id] {
                for member in batch { start(&self, member) }
                room += batch.count - 1
                continue
            }
            for key in jobs[id]?.options.limits ?? [] {
                guard let limit = limits[key] else { continue }
                // A permit that is taken a millisecond late counts as taken on time.
                limits[key]?.nextPermit = (now - limit.nextPermit > 1 ? now : limit.nextPermit) + limit.every
            }
            start(&self, id)
        }
    }

    /// Whether all keys of a job have a permit and a place.
    func hasPermits(_ job: Job, now: Int) -> Bool {
        job.options.limits.allSatisfy { key in
            guard let limit = limits[key] else { return true }
            let holders = jobs.values.count {
                if case .running = $0.place { $0.options.limits.contains(key) } else { false }
            }
            return holders < limit.atOnce && limit.nextPermit <= now
        }
    }

    private mutating func makeDueReady(_ now: Int) {
        func due(_ when: (Place) -> Int?) -> [JobID] {
            jobs.compactMap { id, job in when(job.place).flatMap { $0 <= now ? ($0, id) : nil } }
                .sorted { ($0.0, $0.1.text) < ($1.0, $1.1.text) }.map(\.1)
        }
        var ids = due { if case .scheduled(let at) = $0 { at } else { nil } }
        ids += due { if case .retrying(let at) = $0 { at.lowerBound } else { nil } }
        ids += due { if case .unclaimed(let at) = $0 { at } else { nil } }
        ids += due { if case .awaiting(_, let at) = $0 { at } else { nil } }
        for id in ids {
            endWait(id)
            jobs[id]?.place = .queued
            toTail(id)
        }
    }

    private mutating func expire(_ now: Int) {
        let ids = jobs.keys.filter { isLate($0, now: now) }.map { (jobs[$0]?.options.expiry ?? 0, $0) }
        for (_, id) in ids.sorted(by: { ($0.0, $0.1.text) < ($1.0, $1.1.text) }) { end(id, .expired, now: now) }
    }

    /// It waits, and nobody has started it in time.
    func isLate(_ id: JobID, now: Int) -> Bool {
        guard let job = jobs[id], let at = job.options.expiry, at <= now, !job.isRetried else { return false }
        switch job.place {
        case .running, .ended: return false
        default: return true
        }
    }

    private mutating func rescue(_ maxCrashes: Int, _ now: Int) {
        let lost = workers.filter { $0.value <= now }.min { ($0.value, $0.key) < ($1.value, $1.key) }
        guard let lost = lost?.key else { return }
        let losses = jobs.mapValues(\.losses)
        comeBack(from: lost, now) { model, id in
            let before = losses[id] ?? 0
            let isCrash = !model.moved.contains(lost) || before >= maxCrashes
            model.jobs[id]?.losses = isCrash ? before : before + 1
            if isCrash {
                model.count("crashes")
                model.jobs[id]?.crashes += 1
            }
            guard let job = model.jobs[id] else { return }
            if job.cancelRequested {
                model.end(id, .cancelled, now: now)
            } else if isCrash, job.crashes >= maxCrashes {
                model.end(id, .dead, now: now)
            } else if isCrash && job.crashes > 1 || job.losses > 1 {
                model.jobs[id]?.place = .retrying(now + 1000...now + 10_000)
            } else {
                model.toHead(id)
            }
        }
    }

    mutating func leave(_ worker: String, now: Int) -> Int {
        comeBack(from: worker, now) { model, id in
            if model.jobs[id]?.cancelRequested == true { model.end(id, .cancelled, now: now) } else { model.toHead(id) }
        }
    }

    /// What a worker held goes somewhere else; in which order is open.
    @discardableResult
    private mutating func comeBack(from worker: String, _ now: Int, _ body: (inout Model, JobID) -> Void) -> Int {
        let ids = claims(of: worker).sorted { $0.text < $1.text }
        inOpenOrder { model in
            for id in ids {
                model.spend(id)
                body(&model, id)
            }
        }
        workers[worker] = nil
        return ids.count
    }

    private mutating func prune(keep: Int, keepDead: Int, all: Bool, _ now: Int) {
        for _ in 0..<50 {
            guard let entry = done.first, all || entry.at <= now - keep else { break }
            done.removeFirst()
            for id in entry.ids {
                if let times = stale[id] {
                    stale[id] = times > 1 ? times - 1 : nil
                } else {
                    jobs[id] = nil
                }
            }
        }
        for id in deadInOrder {
            guard case .ended(_, let at) = jobs[id]?.place, all || at <= now - keepDead else { break }
            jobs[id] = nil
        }
    }

    /// - Returns: per outcome whether it must be refused; nil where either answer will do.
    mutating func settle(_ outcomes: [Outcome], by worker: String, now: Int) -> [Bool?] {
        var succeeded: [JobID] = []
        let answers = outcomes.map { outcome -> Bool? in
            let claim = "\(worker) \(outcome.id) \(outcome.attempt) \(outcome.started)"
            let place = Place.running(worker: worker, attempt: outcome.attempt, started: outcome.started)
            guard isAlive(worker, now: now), jobs[outcome.id]?.place == place else {
                if let life = settled[claim] {
                    return isAlive(worker, now: now) && jobs[outcome.id]?.life == life ? false : nil
                }
                if !isAlive(worker, now: now) { return true }
                // What another worker had before counts as settled: this one can't have held it, and nothing is written.
                guard case .running(_, outcome.attempt, outcome.started) = jobs[outcome.id]?.place else { return nil }
                return true
            }
            settled[claim] = jobs[outcome.id]?.life
            settle(outcome, &succeeded, now: now)
            return false
        }
        if !succeeded.isEmpty { done.append(Entry(state: .succeeded, at: now, ids: succeeded)) }
        for id in succeeded { follow(id, .succeeded, now: now) }
        return answers
    }

    private mutating func settle(_ outcome: Outcome, _ succeeded: inout [JobID], now: Int) {
        let id = outcome.id
        spend(id)
        if outcome.verb == .failed || outcome.verb == .dead {
            count("failedAttempts")
            jobs[id]?.failures += 1
        }
        let isCalledOff = jobs[id]?.cancelRequested == true
        let due = now + outcome.delay
        switch outcome.verb {
        case .succeeded:
            close(id, .succeeded, now: now)
            succeeded.append(id)
        case .dead: end(id, .dead, now: now)
        case .cancelled: end(id, .cancelled, now: now)
        case .failed, .snoozed, .released, .unclaimed, .awaiting:
            if isCalledOff { return end(id, .cancelled, now: now) }
            switch outcome.verb {
            case .released: toHead(id)
            case .awaiting: waitForSignal(outcome, now: now)
            case .unclaimed: jobs[id]?.place = .unclaimed(due)
            default: jobs[id]?.place = .retrying(due...due)
            }
        }
    }
}
