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
        var limits: [String] = []
        var tenant: String?

        var description: String {
            var parts = [priority.name]
            if let due { parts.append("due \(due)") }
            if let expiry { parts.append("expires \(expiry)") }
            if let key { parts.append("key '\(key.name)' while \(key.states.map(\.rawValue).sorted())") }
            if !limits.isEmpty { parts.append("limits \(limits)") }
            if let tenant { parts.append("tenant \(tenant)") }
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
        /// An id may be used again when its job was forgotten.
        var life: Int
        var attempts = 0
        var failures = 0
        var crashes = 0
        /// How often in a row its worker was lost when another server had taken over.
        var losses = 0
        var cancelRequested = false
        /// It was brought back by hand: its expiry doesn't count any more.
        var isRetried = false

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
        case succeeded, failed, dead, snoozed, cancelled, released, unclaimed
    }

    struct Outcome: CustomStringConvertible {
        var id: JobID
        var attempt: Int
        var started: Int
        var verb: Verb
        var delay: Int

        var description: String { "\(id) \(attempt)|\(started) \(verb) \(delay)" }
    }

    /// The limits of a key.
    struct KeyLimit {
        var atOnce = Int.max
        /// Time between two permits, in ms.
        var every = 0
        var nextPermit = 0
    }

    var jobs: [JobID: Job] = [:]
    var limits: [String: KeyLimit] = [:]
    /// By priority, head first. An id whose job ended where it stood stays until it gets to the head.
    var lists: [[JobID]] = [[], [], [], []]
    var graves: Set<JobID> = []
    /// By priority.
    var shares = Array(repeating: ModelShares(), count: 4)
    var weights: [String: Int] = [:]
    var workers: [String: Int] = [:]
    /// Workers whose last beat went to another server.
    var moved: Set<String> = []
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

    /// The job that holds a key: it is known, and in one of the states in which it holds the key.
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

    /// - Returns: nil when it was retried, else the state that does not allow it.
    mutating func retry(_ id: JobID, now: Int) -> JobState? {
        guard let job = jobs[id] else { return .unknown }
        switch job.place {
        case .scheduled, .retrying: break
        case .ended(let state, _) where state != .succeeded:
            jobs[id]?.failures = 0
            jobs[id]?.crashes = 0
            jobs[id]?.losses = 0
            jobs[id]?.isRetried = true
            if state != .dead { stale[id, default: 0] += 1 }
            if let key = job.options.key, holder(of: key.name).map({ $0 == id }) ?? true { keys[key.name] = id }
        default: return job.state
        }
        jobs[id]?.place = .queued
        if graves.remove(id) == nil { toTail(id) }
        return nil
    }

    mutating func retryDead(now: Int) -> Int {
        let ids = deadInOrder
        for id in ids { _ = retry(id, now: now) }
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

    // MARK: - Steps

    mutating func spend(_ id: JobID) {
        if case .running(_, let attempt, _) = jobs[id]?.place { jobs[id]?.attempts = attempt }
        jobs[id]?.losses = 0
    }

    mutating func end(_ id: JobID, _ state: JobState, now: Int) {
        if jobs[id]?.place == .queued, let list = list(of: id), isShared(id) {
            shares[list].remove(id)
        } else if jobs[id]?.place == .queued, !isLimited(id) {
            if graves.contains(id), let list = list(of: id), let at = lists[list].lastIndex(of: id) {
                lists[list].remove(at: at)
            }
            graves.insert(id)
        }
        close(id, state, now: now)
        if state != .dead { done.append(Entry(state: state, at: now, ids: [id])) }
    }

    mutating func close(_ id: JobID, _ state: JobState, now: Int) {
        count(state.rawValue)
        jobs[id]?.place = .ended(state, at: now)
        jobs[id]?.cancelRequested = false
    }

    private func list(of id: JobID) -> Int? { jobs[id]?.options.priority.rawValue }

    /// A job with limits waits at a gate and not in a list.
    func isLimited(_ id: JobID) -> Bool { jobs[id]?.options.limits.isEmpty == false }

    /// A job with a tenant and without limits waits for its tenant's turn.
    private func isShared(_ id: JobID) -> Bool { jobs[id]?.options.tenant != nil && !isLimited(id) }

    mutating func toTail(_ id: JobID) { lineUp(id, atHead: false) }

    mutating func toHead(_ id: JobID) {
        jobs[id]?.place = .queued
        lineUp(id, atHead: true)
    }

    private mutating func lineUp(_ id: JobID, atHead: Bool) {
        guard !isLimited(id), let list = list(of: id) else { return }
        if let tenant = jobs[id]?.options.tenant {
            shares[list].add(id, of: tenant, weight: weights[tenant] ?? 1, atHead: atHead)
        } else {
            lists[list].insert(id, at: atHead ? 0 : lists[list].count)
        }
    }

    mutating func count(_ name: String) { totals[name, default: 0] += 1 }

    /// When something is due that no reserve has looked at yet, or a job is ready.
    func wantsWorker(now: Int) -> Bool {
        guard !isPaused else { return false }
        return jobs.values.contains { job in
            switch job.place {
            case .queued: job.options.limits.isEmpty || hasPermits(job, now: now)
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
