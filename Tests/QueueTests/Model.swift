import Queue

/// What docs/states.md says, a second time and without Redis: a few dictionaries, no scripts.
///
/// Where the specification leaves the order open (jobs that come back from one worker together), the model takes over
/// what happened.
struct Model {
    struct Key: Equatable {
        var name: String
        var states: Set<JobState>
    }

    struct Options: CustomStringConvertible {
        var priority = Priority.default
        var due: Int?
        var expiry: Int?
        var key: Key?

        var description: String {
            var parts = [priority.name]
            if let due { parts.append("due \(due)") }
            if let expiry { parts.append("expires \(expiry)") }
            if let key { parts.append("key '\(key.name)' while \(key.states.map(\.rawValue).sorted())") }
            return parts.joined(separator: ", ")
        }
    }

    enum Place: Equatable {
        case scheduled(Int)
        case retrying(ClosedRange<Int>)
        case unclaimed(Int)
        case queued
        case running(worker: String, attempt: Int, started: Int)
        case ended(JobState, at: Int)
    }

    struct Job {
        var options: Options
        var place: Place
        /// An id may be used anew when its job is forgotten.
        var life: Int
        var attempts = 0
        var failures = 0
        var crashes = 0
        var cancelRequested = false
        /// It was brought back by hand: its expiry doesn't count any more.
        var isRevived = false

        var state: JobState {
            switch place {
            case .scheduled: .scheduled
            case .retrying: .retrying
            case .unclaimed, .queued: .queued
            case .running: .running
            case .ended(let state, _): state
            }
        }
    }

    /// Jobs that ended together; forgotten together.
    struct Entry {
        var state: JobState
        var at: Int
        var ids: [JobID]
    }

    enum Verb: CaseIterable {
        case succeeded, failed, dead, postponed, cancelled, released, unclaimed
    }

    struct Outcome: CustomStringConvertible {
        var id: JobID
        var attempt: Int
        var started: Int
        var verb: Verb
        var delay: Int

        var description: String { "\(id) \(attempt)|\(started) \(verb) \(delay)" }
    }

    var jobs: [JobID: Job] = [:]
    /// By priority, head first. An id whose job ended where it stood stays until it gets to the head.
    var lists: [[JobID]] = [[], [], [], []]
    var graves: Set<JobID> = []
    var workers: [String: Int] = [:]
    var done: [Entry] = []
    var stale: [JobID: Int] = [:]
    var keys: [String: JobID] = [:]
    var isPaused = false
    var totals: [String: Int] = [:]
    /// Claims that a worker has settled, and the life of the job that it was.
    var settled: [String: Int] = [:]
    var lives = 0
    /// Lists whose head was filled by several jobs at once, and by how many: their order is open.
    var open: [Int: Int] = [:]

    // MARK: - Producers

    mutating func enqueue(_ id: JobID, _ options: Options, now: Int) -> Enqueued {
        if jobs[id] != nil { return .existing(id) }
        if let key = options.key {
            if let holder = holder(of: key.name), isLate(holder, now: now) { end(holder, .expired, now: now) }
            if let holder = holder(of: key.name) { return .existing(holder) }
        }
        if let key = options.key { keys[key.name] = id }
        count("enqueued")
        lives += 1
        jobs[id] = Job(options: options, place: .queued, life: lives)
        if let due = options.due, due > now { jobs[id]?.place = .scheduled(due) } else { toTail(id) }
        return .stored(id)
    }

    /// The job that stands for a key: it is known and in one of the states in which it holds it.
    func holder(of key: String) -> JobID? {
        guard let id = keys[key], let job = jobs[id], let own = job.options.key, own.name == key else { return nil }
        return own.states.contains(job.state) ? id : nil
    }

    mutating func cancel(_ id: JobID, now: Int) -> JobState {
        guard let job = jobs[id] else { return .unknown }
        switch job.place {
        case .ended: break
        case .running: jobs[id]?.cancelRequested = true
        case .queued, .unclaimed, .scheduled, .retrying: end(id, .cancelled, now: now)
        }
        return job.state
    }

    /// - Returns: nil when it was done, else the state that stands against it.
    mutating func revive(_ id: JobID, now: Int) -> JobState? {
        guard let job = jobs[id] else { return .unknown }
        switch job.place {
        case .scheduled, .retrying: break
        case .ended(let state, _) where state != .succeeded:
            jobs[id]?.failures = 0
            jobs[id]?.crashes = 0
            jobs[id]?.isRevived = true
            if state != .dead { stale[id, default: 0] += 1 }
            if let key = job.options.key, holder(of: key.name).map({ $0 == id }) ?? true { keys[key.name] = id }
        default: return job.state
        }
        jobs[id]?.place = .queued
        if graves.remove(id) == nil { toTail(id) }
        return nil
    }

    mutating func reviveDead(now: Int) -> Int {
        let ids = deadInOrder
        for id in ids { _ = revive(id, now: now) }
        return ids.count
    }

    mutating func purge(_ id: JobID) -> Bool {
        guard jobs[id]?.state == .dead else { return false }
        jobs[id] = nil
        return true
    }

    mutating func purgeDead() -> Int {
        deadInOrder.count { purge($0) }
    }

    // MARK: - Workers

    mutating func join(_ worker: String, until end: Int) {
        workers[worker] = end
    }

    func isAlive(_ worker: String, now: Int) -> Bool { workers[worker].map { $0 > now } ?? false }

    /// - Returns: what it is told to cancel; nil when its lease has lapsed.
    mutating func beat(_ worker: String, until end: Int, now: Int) -> Set<JobID>? {
        guard isAlive(worker, now: now) else { return nil }
        workers[worker] = end
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
        for list in 0..<4 {
            while taken.count < room, !lists[list].isEmpty {
                if let count = open[list], taken.count < real.count,
                    let at = lists[list].prefix(count).firstIndex(of: real[taken.count])
                {
                    lists[list].swapAt(0, at)
                }
                let id = lists[list].removeFirst()
                open[list] = open[list].flatMap { $0 > 2 ? $0 - 1 : nil }
                if graves.remove(id) != nil { continue }
                let attempt = (jobs[id]?.attempts ?? 0) + 1
                jobs[id]?.place = .running(worker: worker, attempt: attempt, started: now)
                taken.append(id)
            }
        }
        return taken
    }

    private mutating func makeDueReady(_ now: Int) {
        func due(_ when: (Place) -> Int?) -> [JobID] {
            jobs.compactMap { id, job in when(job.place).flatMap { $0 <= now ? ($0, id) : nil } }
                .sorted { ($0.0, $0.1.text) < ($1.0, $1.1.text) }.map(\.1)
        }
        var ids = due { if case .scheduled(let at) = $0 { at } else { nil } }
        ids += due { if case .retrying(let at) = $0 { at.lowerBound } else { nil } }
        ids += due { if case .unclaimed(let at) = $0 { at } else { nil } }
        for id in ids {
            jobs[id]?.place = .queued
            toTail(id)
        }
    }

    private mutating func expire(_ now: Int) {
        let ids = jobs.keys.filter { isLate($0, now: now) }.map { (jobs[$0]?.options.expiry ?? 0, $0) }
        for (_, id) in ids.sorted(by: { ($0.0, $0.1.text) < ($1.0, $1.1.text) }) { end(id, .expired, now: now) }
    }

    /// It waits, and nobody has started it in time.
    private func isLate(_ id: JobID, now: Int) -> Bool {
        guard let job = jobs[id], let at = job.options.expiry, at <= now, !job.isRevived else { return false }
        switch job.place {
        case .running, .ended: return false
        default: return true
        }
    }

    private mutating func rescue(_ maxCrashes: Int, _ now: Int) {
        let lost = workers.filter { $0.value <= now }.min { ($0.value, $0.key) < ($1.value, $1.key) }
        guard let lost = lost?.key else { return }
        comeBack(from: lost, now) { model, id in
            model.count("crashes")
            model.jobs[id]?.crashes += 1
            guard let job = model.jobs[id] else { return }
            if job.cancelRequested {
                model.end(id, .cancelled, now: now)
            } else if job.crashes >= maxCrashes {
                model.end(id, .dead, now: now)
            } else if job.crashes > 1 {
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
        let before = lists.map(\.count)
        for id in ids {
            spend(id)
            body(&self, id)
        }
        for list in 0..<4 where lists[list].count > before[list] + 1 { open[list] = lists[list].count - before[list] }
        workers[worker] = nil
        return ids.count
    }

    private mutating func prune(keep: Int, keepDead: Int, all: Bool, _ now: Int) {
        for _ in 0..<4 {
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
        case .failed, .postponed, .released, .unclaimed:
            if isCalledOff { return end(id, .cancelled, now: now) }
            switch outcome.verb {
            case .released: toHead(id)
            case .unclaimed: jobs[id]?.place = .unclaimed(due)
            default: jobs[id]?.place = .retrying(due...due)
            }
        }
    }

    // MARK: - Steps

    private mutating func spend(_ id: JobID) {
        if case .running(_, let attempt, _) = jobs[id]?.place { jobs[id]?.attempts = attempt }
    }

    private mutating func end(_ id: JobID, _ state: JobState, now: Int) {
        if jobs[id]?.place == .queued {
            if graves.contains(id), let list = list(of: id), let at = lists[list].lastIndex(of: id) {
                lists[list].remove(at: at)
            }
            graves.insert(id)
        }
        close(id, state, now: now)
        if state != .dead { done.append(Entry(state: state, at: now, ids: [id])) }
    }

    private mutating func close(_ id: JobID, _ state: JobState, now: Int) {
        count(state.rawValue)
        jobs[id]?.place = .ended(state, at: now)
        jobs[id]?.cancelRequested = false
    }

    private func list(of id: JobID) -> Int? { jobs[id]?.options.priority.rawValue }

    private mutating func toTail(_ id: JobID) {
        if let list = list(of: id) { lists[list].append(id) }
    }

    private mutating func toHead(_ id: JobID) {
        jobs[id]?.place = .queued
        if let list = list(of: id) { lists[list].insert(id, at: 0) }
    }

    private mutating func count(_ name: String) { totals[name, default: 0] += 1 }

    /// When something is due that no reserve has looked at yet, or a job is ready.
    func wantsWorker(now: Int) -> Bool {
        guard !isPaused else { return false }
        return jobs.values.contains { job in
            switch job.place {
            case .queued: true
            case .scheduled(let at), .unclaimed(let at): at <= now
            case .retrying(let at): at.upperBound <= now
            case .running, .ended: false
            }
        }
    }

    var deadInOrder: [JobID] {
        jobs.compactMap { id, job -> (Int, String, JobID)? in
            if case .ended(.dead, let at) = job.place { (at, id.text, id) } else { nil }
        }
        .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }

    /// The ready jobs of a list, head first, without those that ended where they stood.
    func ready(_ list: Int) -> [JobID] {
        var skipped = Set<JobID>()
        return lists[list].filter { id in
            if graves.contains(id), skipped.insert(id).inserted { return false }
            return jobs[id]?.state == .queued
        }
    }
}
