internal import PackhorseRedis

extension Queue {
    /// Walks over all keys of the queue and says what should not be. Changes nothing and holds nobody up: it reads page by page.
    ///
    /// A job that moves from one place to another meanwhile looks wrong. So what is suspicious is looked at in a second
    /// walk, and what still is, all places at one moment. Memory: about 300 bytes a job.
    ///
    /// Where a key of the queue itself has another type, that is all that it says: no script gets past it.
    ///
    /// - Returns: the findings by id and key, none when all is well. Sums over more than 500 entries of ended jobs and
    ///   2,000 dead jobs are not compared.
    public func verify() async throws(QueueError) -> [VerifyFinding] {
        let overwritten = try await overwritten()
        guard overwritten.isEmpty else { return overwritten.sorted { ($0.key ?? "") < ($1.key ?? "") } }
        let first = try await walk()
        var found = first.other
        if !found.isEmpty || !first.jobs.isEmpty {
            let second = try await walk()
            let again = Set(second.other)
            found = found.filter { again.contains($0) }
            let jobs = Set(first.jobs.keys).intersection(second.jobs.keys).sorted()
            found += try await confirm(jobs, seen: second.jobs)
        }
        found += try await counters()
        return found.sorted {
            ($0.id ?? "", $0.key ?? "", $0.description) < ($1.id ?? "", $1.key ?? "", $1.description)
        }
    }

    /// Keys of the queue itself that somebody overwrote with another type.
    private func overwritten() async throws(QueueError) -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        let places = Place.allCases.flatMap { place in place.keys.map { (key: $0, type: place.type) } }
        for (name, type) in places + Place.indexes {
            var command = RedisCommand("TYPE", arguments: 1)
            command.append(base + name)
            guard let actual = try await send(command).string, actual != "none", actual != type else { continue }
            found.append(
                VerifyFinding(
                    .unknown, key: base + name, "it is a \(actual), the scripts need a \(type): take it away first")
            )
        }
        return found
    }

    /// Looks at suspicious jobs at one moment each. Those beyond the first thousand are taken as the walks saw them:
    /// so many are no chance meeting.
    private func confirm(_ jobs: [String], seen: [String: JobPlaces]) async throws(QueueError) -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        for job in jobs.prefix(1000) {
            // One a call: it walks the lists, and others are to be served in between.
            for var job in try await inspect([job]) {
                if job.done == nil { job.done = seen[job.key]?.done }
                found += job.findings
            }
        }
        for job in jobs.dropFirst(1000) { found += seen[job]?.findings ?? [] }
        return found
    }

    /// All places of a few jobs at one moment; they go by their keys.
    func inspect(_ jobs: [String], now: Int? = nil) async throws(QueueError) -> [JobPlaces] {
        try await inspect(jobs, mode: "places").map { key, row in
            var job = JobPlaces(key)
            job.take(row)
            return job
        }
    }

    func inspect(_ jobs: [String], mode: String) async throws(QueueError) -> [(String, [RedisReply])] {
        guard !jobs.isEmpty else { return [] }
        let reply = try await run(.inspect, arguments: 1 + jobs.count, capacity: 256 + 60 * jobs.count, now: nil) {
            command in
            command.append(mode)
            for job in jobs { command.append(job) }
        }
        return zip(jobs, reply.array ?? []).map { ($0, $1.array ?? []) }
    }
}
