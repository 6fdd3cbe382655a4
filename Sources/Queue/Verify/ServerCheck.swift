public import PackhorseRedis

/// What about a Redis server endangers the jobs in it.
public enum ServerConcern: Sendable, Equatable, CustomStringConvertible {
    /// It may drop keys when its memory is full: acknowledged jobs would be gone.
    case evicts(policy: String)
    /// It is a replica: it takes no writes, or forgets them.
    case replica
    /// It refuses writes since its disk failed.
    case refusesWrites
    /// It keeps nothing on disk: a restart loses all jobs.
    case notPersistent

    /// One word, for metrics and JSON: `evicts`, `replica`, `refusesWrites` or `notPersistent`.
    public var name: String {
        switch self {
        case .evicts: "evicts"
        case .replica: "replica"
        case .refusesWrites: "refusesWrites"
        case .notPersistent: "notPersistent"
        }
    }

    /// All names.
    public static let names = ["evicts", "replica", "refusesWrites", "notPersistent"]

    /// Jobs are lost without a word: no queue is to be kept there.
    public var losesJobs: Bool { if case .evicts = self { true } else { false } }

    public var description: String {
        switch self {
        case .evicts(let policy):
            "Redis may drop jobs when its memory is full: its maxmemory-policy is \(policy). Set it to noeviction."
        case .replica: "Redis is a replica and takes no writes of its own. Name its master, or Sentinel, in REDIS_URL."
        case .refusesWrites: "Redis refuses writes since it could not write to its disk. Its log says why."
        case .notPersistent:
            "Redis keeps nothing on disk: a restart loses all jobs. Set appendonly yes."
        }
    }
}

/// Looks at a server's memory, role and disk.
public enum ServerCheck {
    /// What there is to worry about; nothing of what the server does not tell (`INFO` and `CONFIG GET` may be denied).
    ///
    /// - Throws: `RedisError` when the server can't be asked.
    public static func concerns(on connection: RedisConnection) async throws(RedisError) -> [ServerConcern] {
        var fields: [String: String] = [:]
        for section in ["memory", "replication", "persistence"] {
            var info = RedisCommand("INFO", arguments: 1)
            info.append(section)
            for line in (try await connection.send(info).string ?? "").split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
            }
        }
        var concerns: [ServerConcern] = []
        if let policy = fields["maxmemory_policy"], policy != "noeviction" { concerns.append(.evicts(policy: policy)) }
        if fields["role"] == "slave" { concerns.append(.replica) }
        if fields["aof_last_write_status"] == "err" || fields["aof_last_bgrewrite_status"] == "err" {
            concerns.append(.refusesWrites)
        }
        if fields["aof_enabled"] == "0" {
            var config = RedisCommand("CONFIG", arguments: 2)
            config.append("GET")
            config.append("save")
            let pair = try await connection.send(config).array
            if pair?.count == 2, pair?[1].string == "" { concerns.append(.notPersistent) }
        }
        return concerns
    }

    /// The same over a connection of its own; nothing when the server can't be reached, which others will say.
    public static func concerns(of url: RedisURL) async -> [ServerConcern] {
        let connection = RedisConnection(url, name: "packhorse-check", connectTimeout: .seconds(2))
        let found: [ServerConcern]
        do {
            try await connection.connect()
            found = try await concerns(on: connection)
        } catch {
            found = []
        }
        await connection.close(within: .zero)
        return found
    }
}
