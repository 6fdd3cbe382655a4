public import PackhorseRedis

/// A problem of a Redis server that endangers the jobs in it.
public enum ServerConcern: Sendable, Equatable, CustomStringConvertible {
    /// It may evict keys when its memory is full: acknowledged jobs would be lost.
    case evicts(policy: String)
    /// It is a replica: it accepts no writes, or loses them.
    case replica
    /// It refuses writes because its disk failed.
    case refusesWrites
    /// It stores nothing on disk: a restart loses all jobs.
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

    /// Whether jobs can get lost silently: do not keep a queue there.
    public var losesJobs: Bool { if case .evicts = self { true } else { false } }

    public var description: String {
        switch self {
        case .evicts(let policy):
            "Redis may drop jobs when its memory is full: its maxmemory-policy is \(policy). Set it to noeviction."
        case .replica: "Redis is a replica and accepts no writes. Name its master, or Sentinel, in REDIS_URL."
        case .refusesWrites: "Redis refuses writes because it could not write to its disk. Its log says why."
        case .notPersistent:
            "Redis keeps nothing on disk: a restart loses all jobs. Set appendonly yes."
        }
    }
}

/// Checks a server's memory, role and disk.
public enum ServerCheck {
    /// The problems of the server; what the server does not report is left out (`INFO` and `CONFIG GET` may be denied).
    ///
    /// - Throws: `RedisError` if the server can't be asked.
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

    /// The same over a separate connection; empty if the server can't be reached, which other code reports.
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
