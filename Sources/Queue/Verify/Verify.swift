internal import PackhorseRedis

extension Queue {
    /// Walks over all keys of the queue and reports what is wrong. Changes nothing and blocks nobody: it reads page by
    /// page.
    ///
    /// A job that moves between places meanwhile looks wrong. So suspicious jobs are checked in a second walk, and
    /// those that are still suspicious are checked with all their places at one point in time. Memory: about 300 bytes
    /// per job.
    ///
    /// If a key of the queue itself has another type, only that is reported: no script gets past it.
    ///
    /// - Returns: the findings by id and key, empty if all is well. Sums over more than 500 entries of ended jobs and
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
                    .unknown, key: base + name, "it is a \(actual), the scripts need a \(type): remove it first")
            )
        }
        return found
    }

    /// Checks suspicious jobs, each at one point in time. Those beyond the first thousand are reported as the walks saw
    /// them: so many are not a coincidence.
    private func confirm(_ jobs: [String], seen: [String: JobPlaces]) async throws(QueueError) -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        for job in jobs.prefix(1000) {
            // One job per call: it walks the lists, and others must be served in between.
            for var job in try await inspect([job]) {
                if job.done == nil { job.done = seen[job.key]?.done }
                found += job.findings
            }
        }
        for job in jobs.dropFirst(1000) { found += seen[job]?.findings ?? [] }
        return found
    }

    /// All places of a few jobs, given by their keys, at one point in time.
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
