/// Why there is no private Redis server.
public enum EmbeddedRedisError: Error, Sendable, Equatable {
    /// No `redis-server` on the PATH.
    case notInstalled
    /// The folder can't be used.
    case folder(path: String, reason: String)
    /// The server ended before it answered.
    case notStarted(reason: String, log: String)
    /// The server, or another process that starts or stops it, does not finish in time.
    case busy(path: String, seconds: Int)
}

extension EmbeddedRedisError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notInstalled:
            "There is no redis-server to start. Run `apt install redis-server`, or set REDIS_URL."
        case .folder(let path, let reason):
            "The folder \(path) can't hold the private Redis server: \(reason). Set PACKHORSE_HOME to another folder, "
                + "or set REDIS_URL."
        case .notStarted(let reason, let log):
            "The private Redis server did not start: \(reason). Its log is \(log)."
        case .busy(let path, let seconds):
            "The private Redis server in \(path) did not answer within \(seconds) s. Look at its redis.log."
        }
    }
}
