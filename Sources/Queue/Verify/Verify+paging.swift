internal import PackhorseRedis

/// How large keys are read: SCAN and similar commands see everything that stays, whatever changes meanwhile.
extension Queue {
    func ask(_ name: StaticString, _ key: String, _ arguments: String...) async throws(QueueError) -> RedisReply {
        var command = RedisCommand(name, arguments: 1 + arguments.count)
        command.append(base + key)
        for argument in arguments { command.append(argument) }
        let reply = try await send(command)
        if case .error(let message) = reply { throw .refused(script: "\(name) \(base)\(key)", message: message) }
        return reply
    }

    /// SCAN (without `key`), HSCAN, SSCAN or ZSCAN; a member may come twice.
    ///
    /// - Parameter match: the beginning of the names, without characters that are special in patterns.
    func scan(
        _ name: StaticString, _ key: String?, match: String?, _ body: ([String]) -> Void
    ) async throws(QueueError) {
        var cursor = "0"
        repeat {
            var command = RedisCommand(name, arguments: (key == nil ? 0 : 1) + (match == nil ? 0 : 2) + 3)
            if let key { command.append(base + key) }
            command.append(cursor)
            if let match {
                command.append("MATCH")
                command.append(match + "*")
            }
            command.append("COUNT")
            command.append("1000")
            let reply = try await send(command)
            guard let parts = reply.array, parts.count == 2, let next = parts[0].string else {
                let what = if case .error(let message) = reply { message } else { "unexpected reply" }
                throw .refused(script: "\(name) \(base)\(key ?? "*")", message: what)
            }
            body((parts[1].array ?? []).compactMap(\.string))
            cursor = next
        } while cursor != "0"
    }

    /// Names and values of a hash, or members and scores.
    func pairs(_ name: StaticString, _ key: String) async throws(QueueError) -> [String: String] {
        var pairs: [String: String] = [:]
        try await scan(name, key, match: nil) { flat in
            for i in stride(from: 0, to: flat.count - 1, by: 2) { pairs[flat[i]] = flat[i + 1] }
        }
        return pairs
    }

    func scores(_ key: String) async throws(QueueError) -> [String: Double] {
        try await pairs("ZSCAN", key).compactMapValues { Double($0) }
    }

    /// Reads a list from its left end, where new elements are added. Elements that move along while it reads are
    /// recognized by the last element of the previous page.
    func pages(_ key: String, _ body: (ArraySlice<String>) -> Void) async throws(QueueError) {
        var start = 0
        var last: String?
        while true {
            let page = (try await ask("LRANGE", key, String(start), String(start + 999)).array ?? []).compactMap(
                \.string)
            let known = last.map { page.firstIndex(of: $0) } ?? -1
            guard let known else {
                if page.isEmpty { return }
                start += page.count
                continue
            }
            let new = page[(known + 1)...]
            guard let end = new.last else { return }
            body(new)
            last = end
            start += page.count - 1
        }
    }
}
