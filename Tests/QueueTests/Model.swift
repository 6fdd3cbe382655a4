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
        var sequence: Sequence?
        var collect: Collecting?
        var debounce: Debouncing?
        /// A schedule has made it.
        var isTick = false

        var description: String {
            var parts = [priority.name]
            if let due { parts.append("due \(due)") }
            if let expiry { parts.append("expires \(expiry)") }
            if let key { parts.append("key '\(key.name)' while \(key.states.map(\.rawValue).sorted())") }
            if !limits.isEmpty { parts.append("limits \(limits)") }
            if let tenant { parts.append("tenant \(tenant)") }
            if let sequence { parts.append("sequence \(sequence.key), \(sequence.halts ? "halts" : "goes on")") }
            if let collect { parts.append("collect \(collect.key)") }
            if let debounce { parts.append("debounce \(debounce.delay), at most \(debounce.maxWait)") }
            return parts.joined(separator: ", ")
        }
    }

    enum Place: Equatable {
        case scheduled(Int)
        case awaiting(String, until: Int)
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
        /// When it came to the jobs with which it is collected; 0 if it was given back.
        var came = 0
        var attempts = 0
        var failures = 0
        var crashes = 0
        /// How often in a row its worker was lost when another server had taken over.
        var losses = 0
        var cancelRequested = false
        /// It was brought back by hand, or has waited for a signal: its expiry doesn't count any more.
        var isRetried = false
        /// By the name of a signal: its waits, signals that are kept for it alone, and payloads that it got.
        var waits: [String: ModelWait] = [:]
        var kept: [String: ModelSignal] = [:]
        var results: [String: Int] = [:]

        var state: JobState {
            switch place {
            case .scheduled, .awaiting: .scheduled
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
        case succeeded, failed, dead, snoozed, cancelled, released, unclaimed, awaiting
    }

    struct Outcome: CustomStringConvertible {
        var id: JobID
        var attempt: Int
        var started: Int
        var verb: Verb
        /// Of a wait: its timeout.
        var delay: Int
        var signal = ""
        var lookBack = 0

        var description: String { "\(id) \(attempt)|\(started) \(verb) \(delay) \(signal) \(lookBack)" }
    }

    /// The limits of a key.
    struct KeyLimit {
        var atOnce = Int.max
        /// Time between two permits, in ms.
        var every = 0
        var nextPermit = 0
    }

    var now = 0
    var jobs: [JobID: Job] = [:]
    var limits: [String: KeyLimit] = [:]
    /// By priority, head first. An id whose job ended where it stood stays until it gets to the head.
    var lists: [[JobID]] = [[], [], [], []]
    var graves: Set<JobID> = []
    /// By priority.
    var shares = Array(repeating: ModelShares(), count: 4)
    var weights: [String: Int] = [:]
    var signals: [String: ModelSignal] = [:]
    /// By the key of a sequence: the job that has its turn, the one that has halted it, and those that wait for theirs.
    var heads: [String: JobID] = [:]
    var halted: [String: JobID] = [:]
    var followers: [String: Set<JobID>] = [:]
    /// By the debounce key: the job that was stored last, and when.
    var debounced: [String: (id: JobID, first: Int)] = [:]
    /// The job that took over another one.
    var replacements: [JobID: JobID] = [:]
    var schedule: ModelSchedule?
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
    /// The same for the tail: by list, the jobs whose order is open.
    var openTails: [Int: Set<JobID>] = [:]
    /// By list: how many jobs have lined up at the head, and which ones at the tail, since the order became open.
    var atHeads = [0, 0, 0, 0]
    var atTails: [Set<JobID>] = [[], [], [], []]

    // MARK: - Producers

    mutating func enqueue(_ id: JobID, _ options: Options, now: Int) -> Enqueued {
        if jobs[id] != nil { return .existing(id) }
        if let key = options.key {
            if let holder = holder(of: key.name), isLate(holder, now: now) { end(holder, .expired, now: now) }
            if let holder = holder(of: key.name) { return .existing(holder) }
        }
        if let key = options.key { keys[key.name] = id }
        if let other = debounce(id, options, now: now) { return .existing(other) }
        store(id, options, (options.due ?? 0) > now ? .scheduled(options.due ?? 0) : .queued)
        return .stored(id)
    }

    mutating func store(_ id: JobID, _ options: Options, _ place: Place) {
        count("enqueued")
        lives += 1
        jobs[id] = Job(options: options, place: place, life: lives)
        if place == .queued { toTail(id) }
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
        case .queued, .unclaimed, .scheduled, .awaiting, .retrying: end(id, .cancelled, now: now)
        }
        return job.state
    }

    /// - Returns: nil when it was retried, else the state that does not allow it.
    mutating func retry(_ id: JobID, now: Int) -> JobState? {
        guard let job = jobs[id] else { return .unknown }
        switch job.place {
        case .scheduled, .awaiting, .retrying: break
        case .ended(let state, _) where state != .succeeded:
            jobs[id]?.failures = 0
            jobs[id]?.crashes = 0
            jobs[id]?.losses = 0
            jobs[id]?.isRetried = true
            jobs[id]?.waits = [:]
            if state != .dead { stale[id, default: 0] += 1 }
            if let key = job.options.key, holder(of: key.name).map({ $0 == id }) ?? true { keys[key.name] = id }
        default: return job.state
        }
        jobs[id]?.place = .queued
        guard graves.remove(id) != nil else {
            toTail(id)
            return nil
        }
        // It keeps its place in the list, unless others have taken its turn.
        guard job.options.sequence != nil, let list = list(of: id) else { return nil }
        if let at = lists[list].lastIndex(of: id) { lists[list].remove(at: at) }
        toTail(id)
        return nil
    }

    mutating func retryDead(now: Int) -> Int {
        let ids = deadInOrder
        for id in ids { _ = retry(id, now: now) }
        return ids.count
    }

    mutating func purge(_ id: JobID) -> Bool {
        guard jobs[id]?.state == .dead else { return false }
        giveUp(id)
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
        if isFollowing(id), let key = jobs[id]?.options.sequence?.key {
            followers[key]?.remove(id)
        } else if jobs[id]?.place == .queued, let list = list(of: id), isShared(id) {
            shares[list].remove(id)
        } else if jobs[id]?.place == .queued, !isLimited(id), !isCollected(id) {
            if graves.contains(id), let list = list(of: id), let at = lists[list].lastIndex(of: id) {
                lists[list].remove(at: at)
            }
            graves.insert(id)
        }
        close(id, state, now: now)
        if state != .dead { done.append(Entry(state: state, at: now, ids: [id])) }
        follow(id, state, now: now)
    }

    /// Does what follows from the end of a job.
    mutating func follow(_ id: JobID, _ state: JobState, now: Int) {
        sequenceFollows(id, state)
        scheduleFollows(id, state, now: now)
    }

    mutating func close(_ id: JobID, _ state: JobState, now: Int) {
        count(state.rawValue)
        jobs[id]?.place = .ended(state, at: now)
        jobs[id]?.cancelRequested = false
    }

    func list(of id: JobID) -> Int? { jobs[id]?.options.priority.rawValue }

    /// A job with limits waits at a gate and not in a list.
    func isLimited(_ id: JobID) -> Bool { jobs[id]?.options.limits.isEmpty == false }

    /// A job with a tenant and without limits waits for its tenant's turn.
    func isShared(_ id: JobID) -> Bool { jobs[id]?.options.tenant != nil && !isLimited(id) }

    mutating func count(_ name: String) { totals[name, default: 0] += 1 }

    var deadInOrder: [JobID] {
        jobs.compactMap { id, job -> (Int, String, JobID)? in
            if case .ended(.dead, let at) = job.place { (at, id.text, id) } else { nil }
        }
        .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }
}
