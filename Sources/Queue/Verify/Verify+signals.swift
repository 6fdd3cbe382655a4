internal import PackhorseRedis

extension Queue {
    /// Every job in `awaiting` is in `awaited` and in the set of its signal, and no other job is.
    ///
    /// - Parameter names: of the signals that have such a set.
    func signalFindings(_ names: Set<String>) async throws(QueueError) -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        let waiting = Set(try await scores(Place.awaiting.rawValue).keys)
        let awaited = try await pairs("HSCAN", "awaited")
        for (job, name) in awaited where !waiting.contains(job) {
            found.append(
                VerifyFinding(.orphan, id: JobID(key: job.utf8).text, "it is in awaited for \(name), but does not wait")
            )
        }
        var reachable = Set<String>()
        for name in names {
            var jobs = Set<String>()
            try await scan("SSCAN", "waiters:" + name, match: nil) { jobs.formUnion($0) }
            for job in jobs where awaited[job] != name || !waiting.contains(job) {
                found.append(
                    VerifyFinding(
                        .orphan, id: JobID(key: job.utf8).text, key: base + "waiters:" + name,
                        "it does not wait for this signal"))
            }
            reachable.formUnion(jobs.filter { awaited[$0] == name })
        }
        for job in waiting.subtracting(reachable) {
            found.append(VerifyFinding(.place, id: JobID(key: job.utf8).text, "no signal can end its wait"))
        }
        return found
    }
}
