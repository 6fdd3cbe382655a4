/// Why Redis could not be asked, or why its answer could not be had.
///
/// What Redis answers, errors included, is a `RedisReply`; this is about the way there and back.
public enum RedisError: Error, Sendable, Equatable {
    /// The connection broke or could not be made. A command that was sent may have run or not: repeat it only if it
    /// is safe to run twice.
    case unreachable(endpoint: String, reason: String)
    /// The server lets this client not in: wrong or missing password, or a user without the needed rights.
    case denied(endpoint: String, reason: String)
    /// No trusted TLS connection: the certificate does not hold, or one side speaks TLS and the other does not.
    case untrusted(endpoint: String, reason: String)
    /// What came back is not Redis' protocol.
    case garbled(endpoint: String, reason: String)
    /// The connection was closed by its owner. A command that was sent may have run or not.
    case closed
}

extension RedisError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let endpoint, let reason):
            "Redis at \(endpoint) is unreachable: \(reason). Check that it runs and that REDIS_URL names it."
        case .denied(let endpoint, let reason):
            "Redis at \(endpoint) denied access: \(reason). Check the user, the password and the database in REDIS_URL."
        case .untrusted(let endpoint, let reason):
            "Redis at \(endpoint) is not trusted: \(reason). Check the scheme (redis:// or rediss://) and the "
                + "certificates that REDIS_URL names."
        case .garbled(let endpoint, let reason):
            "Redis at \(endpoint) answered with something else than its protocol: \(reason). "
                + "Check that REDIS_URL names a Redis server."
        case .closed:
            "The connection to Redis was closed by this program."
        }
    }
}
