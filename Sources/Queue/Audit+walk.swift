internal import Redis

/// What one walk over a queue's keys brought: the jobs with which something seems wrong, and the rest.
struct AuditWalk: Sendable {
    var jobs: [String: JobPlaces] = [:]
    var other: [AuditFinding] = []
}

extension Queue {
    /// Reads all keys, a page at a time.
    func walk() async throws(QueueError) -> AuditWalk {
        var walk = AuditWalk()
        var names = Set<String>()
        try await scan("SCAN", nil, match: base) { page in
            for name in page { names.insert(String(name.dropFirst(base.utf8.count))) }
        }
        try await readPlaces(into: &walk)
        let workers = Set(try await scores("workers").keys)
        try await readWorkers(workers, into: &walk)
        var keys: [String] = []
        for name in names {
            switch Self.owner(of: name) {
            case .queue: break
            case .job(let id): if walk.jobs[id] == nil { walk.jobs[id] = JobPlaces(id) }
            case .key: keys.append(name)
            case .worker(let worker) where workers.contains(worker): break
            case .worker: walk.other.append(AuditFinding(.orphan, key: base + name, "its worker has no lease"))
            case nil: walk.other.append(AuditFinding(.unknown, key: base + name, "no script writes such a key"))
            }
        }
        for (id, job) in walk.jobs where names.contains("key:" + job.keyName) { walk.jobs[id]?.keyHolder = id }
        try await readRecords(into: &walk)
        walk.jobs = walk.jobs.filter { !$0.value.findings.isEmpty }
        walk.other += try await keyFindings(keys)
        return walk
    }

    private enum Owner {
        case queue
        case job(String)
        case worker(String)
        case key
    }

    /// Who a key belongs to, by its name behind the queue's prefix; nil for one that no script writes.
    private static func owner(of name: String) -> Owner? {
        let places = [
            "queued:0", "queued:1", "queued:2", "queued:3", "tombstones", "done", "keyed", "revived", "totals", "meta",
            "workers", "bell",
        ]
        if places.contains(name) || JobPlaces.scored.contains(name) { return .queue }
        guard let colon = name.firstIndex(of: ":") else { return nil }
        let rest = String(name[name.index(after: colon)...])
        switch name[..<colon] {
        case "job": return .job(rest)
        case "key": return .key
        case "claims", "cancels", "worker": return .worker(rest)
        default: return nil
        }
    }

    private func readPlaces(into walk: inout AuditWalk) async throws(QueueError) {
        for place in JobPlaces.scored {
            for (id, score) in try await scores(place) {
                walk.jobs[id, default: JobPlaces(id)].scores[place] = score
            }
        }
        for priority in Priority.allCases {
            try await pages("queued:\(priority.rawValue)") { page in
                for id in page { walk.jobs[id, default: JobPlaces(id)].listed += 1 }
            }
        }
        // Ids stand left of their mark: `<state> <ended ms> <bytes> <how many>`.
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
                        AuditFinding(
                            .record, key: base + "done",
                            "a mark does not fit its \(unmarked.count) ids: \(element.prefix(80))"))
                }
                for id in unmarked { walk.jobs[id, default: JobPlaces(id)].done?.append(words[0]) }
                unmarked = []
            }
        }
        if let id = unmarked.first {
            walk.other.append(
                AuditFinding(.record, key: base + "done", "ids without a mark, the first is \(id.prefix(80))"))
        }
        try await scan("SSCAN", "tombstones", match: nil) { page in
            for id in page { walk.jobs[id, default: JobPlaces(id)].isTombstone = true }
        }
        for (id, times) in try await pairs("HSCAN", "revived") {
            walk.jobs[id, default: JobPlaces(id)].stale = Int(times) ?? 0
        }
        for (id, name) in try await pairs("HSCAN", "keyed") {
            walk.jobs[id, default: JobPlaces(id)].keyName = name
        }
    }

    private func readWorkers(_ workers: Set<String>, into walk: inout AuditWalk) async throws(QueueError) {
        for worker in workers {
            var holders: [String: JobPlaces.Holder] = [:]
            for (id, claim) in try await pairs("HSCAN", "claims:" + worker) {
                holders[id] = JobPlaces.Holder(worker: worker, claim: claim, isTold: false)
            }
            try await scan("SSCAN", "cancels:" + worker, match: nil) { page in
                for id in page {
                    holders[id, default: JobPlaces.Holder(worker: worker, claim: "", isTold: false)].isTold = true
                }
            }
            for (id, holder) in holders { walk.jobs[id, default: JobPlaces(id)].holders.append(holder) }
        }
    }

    private func readRecords(into walk: inout AuditWalk) async throws(QueueError) {
        let ids = Array(walk.jobs.keys)
        for start in stride(from: 0, to: ids.count, by: 200) {
            let part = Array(ids[start..<min(start + 200, ids.count)])
            for (id, row) in try await inspect(part, mode: "record") { walk.jobs[id]?.take(row) }
        }
    }

    /// Each key must be held by a job that knows of it, or end by itself.
    private func keyFindings(_ names: [String]) async throws(QueueError) -> [AuditFinding] {
        var found: [AuditFinding] = []
        for name in names {
            guard let id = try await ask("GET", name).string else { continue }
            let left = try await ask("PTTL", name).int ?? -2
            let known = try await ask("HGET", "keyed", id).string
            if left == -1, known != String(name.dropFirst("key:".utf8.count)) {
                found.append(
                    AuditFinding(
                        .key, id: id, key: base + name, "the job that it names does not hold it, and it never ends"))
            }
        }
        return found
    }
}
