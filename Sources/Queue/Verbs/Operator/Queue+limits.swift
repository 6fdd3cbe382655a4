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
        let stored = LimitUse.storedClass(key)
        _ = try await run(.limitPut, arguments: 1 + arguments.count, now: now) { command in
            command.append(stored)
            for argument in arguments { command.append(argument) }
        }
    }

    /// The keys that have limits, and those at which jobs wait, by name.
    ///
    /// - Parameter limit: at most this many: first those with limits, then those whose gates open first.
    public func limits(limit: Int = 10_000, now: Int? = nil) async throws(QueueError) -> [LimitStats] {
        try await readLimits("", limit, now).sorted { $0.key < $1.key }
    }

    /// One key, or a class of keys; nil if it has no limits of its own and nobody uses it now.
    ///
    /// - Throws: `QueueError.field` for a key out of range.
    public func limit(_ key: String, now: Int? = nil) async throws(QueueError) -> LimitStats? {
        try LimitUse.check(key: key)
        return try await readLimits(LimitUse.storedClass(key), 1, now).first {
            $0.limit != nil || $0.running > 0 || $0.parked > 0 || $0.pausedUntil != nil
        }
    }

    /// - Parameter key: as it is stored, or empty for all.
    private func readLimits(_ key: String, _ most: Int, _ now: Int?) async throws(QueueError) -> [LimitStats] {
        let reply = try await run(.limitList, arguments: 2, now: now) { command in
            command.append(key)
            command.append(most)
        }
        let parts = reply.array ?? []
        guard let time = parts.first?.int else { throw .refused(script: "limit_list", message: "unexpected reply") }
        return parts.dropFirst().compactMap { LimitStats($0.array ?? [], now: time) }
    }
}

extension LimitStats {
    /// An element of the reply of limit_list.lua.
    ///
    /// - Parameter now: Redis' clock, in ms.
    init?(_ row: [RedisReply], now: Int) {
        guard row.count == 5, let key = row[0].string else { return nil }
        var fields: [String: String] = [:]
        let flat = row[1].array ?? []
        for i in stride(from: 0, to: flat.count - 1, by: 2) { fields[flat[i].string ?? ""] = flat[i + 1].string }
        let opens = row[4].string.flatMap { Double($0) }
        let until = fields["until"].flatMap { Int($0) }
        self.init(
            key: key, limit: Limit(fields: fields), running: row[2].int ?? 0, parked: row[3].int ?? 0,
            opensAt: opens.flatMap { $0 < 1e15 ? Int($0) : nil }, pausedUntil: until.flatMap { $0 > now ? $0 : nil })
    }
}
