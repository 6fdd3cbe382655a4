internal import PackhorseRedis

extension Queue {
    /// What is known about jobs, in the order of the ids. An id that Redis doesn't know is `unknown`, never pending.
    public func status(_ ids: [JobID], now: Int? = nil) async throws(QueueError) -> [JobRecord] {
        var records: [JobRecord] = []
        var rest = ids[...]
        while !rest.isEmpty {
            let batch = rest.prefix(100)
            let reply = try await run(.status, arguments: batch.count, now: now) { command in
                for id in batch { append(id, to: &command) }
            }
            // Large records come a few at a time.
            let rows = reply.array ?? []
            for (id, row) in zip(batch, rows) { records.append(JobRecord(id, row: row.array ?? [])) }
            rest = rest.dropFirst(max(1, rows.count))
        }
        return records
    }

    /// What is known about one job; its state is `unknown` if Redis does not know it, or no longer knows it.
    public func status(_ id: JobID, now: Int? = nil) async throws(QueueError) -> JobRecord {
        try await status([id], now: now).first ?? JobRecord(id, row: [])
    }
}
