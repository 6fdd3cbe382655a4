internal import PackhorseRedis

extension Queue {
    /// Ids of the jobs in a state, one page at a time. Waiting jobs are ordered by when they will run, those
    /// that wait for a signal or a limit last, and dead jobs by
    /// when they died, the earliest first; other ended jobs start with the last to end. Of jobs that wait for more than
    /// 10,000 keys with limits, some are missing.
    ///
    /// - Parameters:
    ///   - offset: `next` of the previous page; jobs that move meanwhile may be missed or come twice.
    ///   - limit: 1 to 1,000 ids; a page of ended jobs may have fewer even if others follow.
    /// - Returns: the ids and the next page's offset, which is nil at the end.
    public func list(_ state: JobState, offset: Int = 0, limit: Int = 100) async throws(QueueError) -> (
        ids: [JobID], next: Int?
    ) {
        let limit = min(max(limit, 1), 1000)
        switch state {
        case .scheduled: return try await listScheduled(offset: offset, limit: limit)
        case .retrying, .dead:
            let ids = try await read("ZRANGE", state.rawValue, offset, limit)
            return (ids.map { JobID(key: $0.utf8) }, ids.count == limit ? offset + limit : nil)
        case .queued: return try await listQueued(offset: offset, limit: limit)
        case .running: return try await listRunning(offset: offset, limit: limit)
        case .succeeded, .cancelled, .expired: return try await listDone(state, offset: offset, limit: limit)
        case .unknown: return ([], nil)
        }
    }

    /// The jobs that wait for their time, then those that wait for a signal.
    private func listScheduled(offset: Int, limit: Int) async throws(QueueError) -> (ids: [JobID], next: Int?) {
        var ids = try await read("ZRANGE", Place.scheduled.rawValue, offset, limit)
        if ids.count < limit {
            let timed = ids.isEmpty ? try await length("ZCARD", Place.scheduled.rawValue) : offset + ids.count
            ids += try await read(
                "ZRANGE", Place.awaiting.rawValue, max(0, offset - timed), limit - ids.count)
        }
        return (ids.map { JobID(key: $0.utf8) }, ids.count == limit ? offset + limit : nil)
    }

    /// Ids are to the left of their mark, at most a thousand elements away.
    private func listDone(_ state: JobState, offset: Int, limit: Int) async throws(QueueError) -> (
        ids: [JobID], next: Int?
    ) {
        let elements = try await read("LRANGE", "done", offset, limit + Self.batchLimit)
        var found: [(key: String, end: String)] = []
        var unmarked: [String] = []
        for (i, element) in elements.enumerated() {
            let words = element.split(separator: " ")
            if words.count == 1 {
                if i < limit { unmarked.append(element) }
                continue
            }
            if words[0] == state.rawValue {
                found += unmarked.map { ($0, words.prefix(2).joined(separator: " ") + " ") }
            }
            unmarked = []
            if i >= limit { break }
        }
        // A job that was retried is also under the mark of its earlier end.
        let retried = try await flags("HMGET", "revived", found.map(\.key))
        var ids: [JobID] = []
        for (job, isRetried) in zip(found, retried) {
            if isRetried {
                let head = try await inspect([job.key], mode: "record").first?.1.dropFirst(3).first?.string
                guard head?.hasPrefix(job.end) == true else { continue }
            }
            ids.append(JobID(key: job.key.utf8))
        }
        return (ids, elements.count > limit ? offset + limit : nil)
    }

    /// For each priority its list from the head (right end), then the jobs of tenants; then the unclaimed jobs, and those at
    /// gates. Without tombstones.
    private func listQueued(offset: Int, limit: Int) async throws(QueueError) -> (ids: [JobID], next: Int?) {
        var ids: [String] = []
        var skip = offset
        func addSet(_ key: String) async throws(QueueError) {
            guard ids.count < limit else { return }
            let page = try await read("ZRANGE", key, skip, limit - ids.count)
            skip = page.isEmpty ? max(0, skip - (try await length("ZCARD", key))) : 0
            ids += page
        }
        for priority in Priority.allCases where ids.count < limit {
            let key = Place.list(priority)
            let length = try await length("LLEN", key)
            if skip < length {
                let last = length - 1 - skip
                let first = max(0, last - (limit - ids.count) + 1)
                ids += try await read("LRANGE", key, first, last - first + 1).reversed()
                skip = 0
            } else {
                skip -= length
            }
            try await addSet(Place.fairSet(priority))
        }
        try await addSet(Place.unclaimed.rawValue)
        if ids.count < limit { ids += try await listParked(offset: skip, limit: limit - ids.count) }
        let buried = try await flags("SMISMEMBER", "tombstones", ids)
        // An id that is in the list twice is first a tombstone, then a job that was stored again.
        var skipped = Set<String>()
        let alive = zip(ids, buried).filter { !$0.1 || !skipped.insert($0.0).inserted }
        return (alive.map { JobID(key: $0.0.utf8) }, ids.count == limit ? offset + limit : nil)
    }

    private func listParked(offset: Int, limit: Int) async throws(QueueError) -> [String] {
        let jobs = try await run(.parked, arguments: 2, now: nil) { command in
            command.append(offset)
            command.append(limit)
        }
        return (jobs.array ?? []).compactMap { $0.string }
    }

    private func listRunning(offset: Int, limit: Int) async throws(QueueError) -> (ids: [JobID], next: Int?) {
        var ids: [String] = []
        for worker in try await read("ZRANGE", "workers", 0, 10_000) {
            var command = RedisCommand("HKEYS", arguments: 1)
            command.append(base + "claims:" + worker)
            ids += (try await send(command).array ?? []).compactMap { $0.string }
        }
        ids.sort()
        let page = ids.dropFirst(offset).prefix(limit)
        return (page.map { JobID(key: $0.utf8) }, offset + page.count < ids.count ? offset + page.count : nil)
    }

    /// Whether a hash or set has each of the ids.
    private func flags(_ name: StaticString, _ key: String, _ ids: [String]) async throws(QueueError) -> [Bool] {
        guard !ids.isEmpty else { return [] }
        var command = RedisCommand(name, arguments: 1 + ids.count)
        command.append(base + key)
        for id in ids { command.append(id) }
        return (try await send(command).array ?? []).map { ($0.int ?? 0) > 0 }
    }

    private func length(_ verb: StaticString, _ key: String) async throws(QueueError) -> Int {
        var command = RedisCommand(verb, arguments: 1)
        command.append(base + key)
        return try await send(command).int ?? 0
    }

    private func read(_ name: StaticString, _ key: String, _ offset: Int, _ count: Int) async throws(QueueError)
        -> [String]
    {
        var command = RedisCommand(name, arguments: 3)
        command.append(base + key)
        command.append(offset)
        command.append(offset + count - 1)
        return (try await send(command).array ?? []).compactMap { $0.string }
    }
}
