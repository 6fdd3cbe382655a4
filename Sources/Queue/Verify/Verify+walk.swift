internal import PackhorseRedis

/// The result of one walk over a queue's keys: the jobs that look wrong, and all other findings.
struct VerifyWalk: Sendable {
    var jobs: [String: JobPlaces] = [:]
    var other: [VerifyFinding] = []
}

extension Queue {
    /// Reads all keys, a page at a time.
    func walk() async throws(QueueError) -> VerifyWalk {
        var walk = VerifyWalk()
        var names = Set<String>()
        try await scan("SCAN", nil, match: base) { page in
            for name in page { names.insert(String(name.dropFirst(base.utf8.count))) }
        }
        try await readPlaces(into: &walk)
        let workers = Set(try await scores("workers").keys)
        try await readWorkers(workers, into: &walk)
        var keys: [String] = []
        var debounces: [String] = []
        var schedules = Set<String>()
        var signals = Set<String>()
        for name in names {
            switch Self.owner(of: name) {
            case .queue: break
            case .job: if walk.jobs[base + name] == nil { walk.jobs[base + name] = JobPlaces(base + name) }
            case .key: keys.append(name)
            case .debounce: debounces.append(name)
            case .schedule(let schedule): schedules.insert(schedule)
            case .waiters(let signal): signals.insert(signal)
            case .worker(let worker) where workers.contains(worker): break
            case .worker: walk.other.append(VerifyFinding(.orphan, key: base + name, "its worker has no lease"))
            case nil: walk.other.append(VerifyFinding(.unknown, key: base + name, "no script writes such a key"))
            }
        }
        for (job, places) in walk.jobs where names.contains("key:" + places.keyName) { walk.jobs[job]?.keyHolder = job }
        try await readRecords(into: &walk)
        walk.jobs = walk.jobs.filter { !$0.value.findings.isEmpty }
        walk.other += try await keyFindings(keys)
        walk.other += try await debounceFindings(debounces)
        walk.other += try await scheduleFindings(schedules)
        walk.other += try await signalFindings(signals)
        walk.other += try await sequenceFindings()
        return walk
    }

    private enum Owner {
        case queue
        case job
        case worker(String)
        case key
        case debounce
        case schedule(String)
        case waiters(String)
    }

    /// The owner of a key, by its name after the queue's prefix; nil if no script writes such a key.
    private static func owner(of name: String) -> Owner? {
        if Place.allCases.contains(where: { $0.keys.contains(name) }) { return .queue }
        if Place.indexes.contains(where: { $0.key == name }) { return .queue }
        guard let colon = name.firstIndex(of: ":") else { return nil }
        let rest = String(name[name.index(after: colon)...])
        switch name[..<colon] {
        case "job": return .job
        case "key": return .key
        case "debounce", "debounced": return .debounce
        case "gate", "held", "limit", "permits", "sequence", "signal": return .queue
        case "waiters": return .waiters(rest)
        case "schedule": return .schedule(rest)
        case "claims", "cancels", "worker": return .worker(rest)
        default: return nil
        }
    }

    private func readPlaces(into walk: inout VerifyWalk) async throws(QueueError) {
        for place in JobPlaces.scored {
            for (job, score) in try await scores(place) {
                walk.jobs[job, default: JobPlaces(job)].scores[place] = score
            }
        }
        for key in try await scores("gates").keys {
            for (job, score) in try await scores("gate:" + key) {
                walk.jobs[job, default: JobPlaces(job)].scores["gate:" + key] = score
            }
        }
        for key in try await Array(pairs("HSCAN", "sequences").keys) + Array(pairs("HSCAN", "halted").keys) {
            for (job, score) in try await scores("sequence:" + key) {
                walk.jobs[job, default: JobPlaces(job)].scores["sequence:" + key] = score
            }
        }
        for priority in Priority.allCases {
            try await pages(Place.list(priority)) { page in
                for job in page { walk.jobs[job, default: JobPlaces(job)].listed += 1 }
            }
        }
        // Ids are to the left of their mark: `<state> <ended ms> <bytes> <how many>`.
        var unmarked: [String] = []
        try await pages("done") { page in
            for element in page {
                let words = element.split(separator: " ").map(String.init)
                if words.count == 1 {
                    unmarked.append(element)
                    continue
                }
                if words.count != 4 || Int(words[1]) == nil || Int(words[2]) == nil || Int(words[3]) != unmarked.count {
                    walk.other.append(
                        VerifyFinding(
                            .record, key: base + "done",
                            "a mark does not fit its \(unmarked.count) jobs: \(element.prefix(80))"))
                }
                for job in unmarked { walk.jobs[job, default: JobPlaces(job)].done?.append(words[0]) }
                unmarked = []
            }
        }
        if let job = unmarked.first {
            walk.other.append(
                VerifyFinding(.record, key: base + "done", "jobs without a mark, the first is \(job.prefix(80))"))
        }
        try await scan("SSCAN", "tombstones", match: nil) { page in
            for job in page { walk.jobs[job, default: JobPlaces(job)].isTombstone = true }
        }
        for (job, times) in try await pairs("HSCAN", "revived") {
            walk.jobs[job, default: JobPlaces(job)].stale = Int(times) ?? 0
        }
        for (job, name) in try await pairs("HSCAN", "keyed") {
            walk.jobs[job, default: JobPlaces(job)].keyName = name
        }
    }

    private func readWorkers(_ workers: Set<String>, into walk: inout VerifyWalk) async throws(QueueError) {
        for worker in workers {
            var holders: [String: JobPlaces.Holder] = [:]
            for (job, claim) in try await pairs("HSCAN", "claims:" + worker) {
                holders[job] = JobPlaces.Holder(worker: worker, claim: claim, isTold: false)
            }
            try await scan("SSCAN", "cancels:" + worker, match: nil) { page in
                for job in page {
                    holders[job, default: JobPlaces.Holder(worker: worker, claim: "", isTold: false)].isTold = true
                }
            }
            for (job, holder) in holders { walk.jobs[job, default: JobPlaces(job)].holders.append(holder) }
        }
    }

    private func readRecords(into walk: inout VerifyWalk) async throws(QueueError) {
        let jobs = Array(walk.jobs.keys)
        for start in stride(from: 0, to: jobs.count, by: 200) {
            let part = Array(jobs[start..<min(start + 200, jobs.count)])
            for (job, row) in try await inspect(part, mode: "record") { walk.jobs[job]?.take(row) }
        }
    }

    /// Each key must be held by a job that knows of it, or expire by itself.
    private func keyFindings(_ names: [String]) async throws(QueueError) -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        for name in names {
            guard let job = try await ask("GET", name).string else { continue }
            let left = try await ask("PTTL", name).int ?? -2
            let known = try await ask("HGET", "keyed", job).string
            if left == -1, known != String(name.dropFirst("key:".utf8.count)) {
                found.append(
                    VerifyFinding(
                        .key, id: JobID(key: job.utf8).text, key: base + name,
                        "the job that it names does not hold it, and it never expires"))
            }
        }
        return found
    }
}
