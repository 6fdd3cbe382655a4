internal import PackhorseRedis

extension Queue {
    /// Sets the limits of a key, or of a class of keys: `tenant:*` for all keys that begin with `tenant:` and have no
    /// limits of their own, `*` for all keys without a colon. They hold for all workers from their next reserve on.
    ///
    /// - Throws: `QueueError.field` for a key or limit out of range.
    public func setLimit(_ key: String, to limit: Limit, now: Int? = nil) async throws(QueueError) {
        try limit.validate()
        try await putLimit(key, limit.arguments, now)
    }

    /// Removes the limits of a key, and a pause with them. Jobs that wait for it are free at once.
    public func removeLimit(_ key: String, now: Int? = nil) async throws(QueueError) {
        try await putLimit(key, [], now)
    }

    private func putLimit(_ key: String, _ arguments: [String], _ now: Int?) async throws(QueueError) {
        try LimitUse.check(key: key)
        let stored = key.hasSuffix("*") ? KeyText.stored(String(key.dropLast())) + "*" : KeyText.stored(key)
        _ = try await run(.limitPut, arguments: 1 + arguments.count, now: now) { command in
            command.append(stored)
            for argument in arguments { command.append(argument) }
        }
    }

    /// The keys that have limits, or at which jobs wait: at most 10,000 of these. By name.
    public func limits(now: Int? = nil) async throws(QueueError) -> [LimitStats] {
        let parts = try await run(.limitList, arguments: 0, now: now) { _ in }.array ?? []
        let time = parts.first?.int ?? 0
        return parts.dropFirst().compactMap { part in
            guard let row = part.array, row.count == 5, let key = row[0].string else { return nil }
            var fields: [String: String] = [:]
            let flat = row[1].array ?? []
            for i in stride(from: 0, to: flat.count - 1, by: 2) { fields[flat[i].string ?? ""] = flat[i + 1].string }
            let opens = row[4].string.flatMap { Double($0) }
            let until = fields["until"].flatMap { Int($0) }
            return LimitStats(
                key: key, limit: Limit(fields: fields), running: row[2].int ?? 0, parked: row[3].int ?? 0,
                opensAt: opens.flatMap { $0 < 1e15 ? Int($0) : nil },
                pausedUntil: until.flatMap { $0 > time ? $0 : nil })
        }
        .sorted { $0.key < $1.key }
    }
}
