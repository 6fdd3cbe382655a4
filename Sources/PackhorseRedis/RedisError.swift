/// Why a command could not be sent to Redis, or its reply could not be received.
///
/// Everything that Redis answers, including errors, is a `RedisReply`; this is only about the transport.
public enum RedisError: Error, Sendable, Equatable {
    /// The connection broke or could not be established. A command that was sent may have run or not: repeat it only if
    /// it is safe to run twice.
    case unreachable(endpoint: String, reason: String)
    /// The server denied access: wrong or missing password, or a user without the necessary rights.
    case denied(endpoint: String, reason: String)
    /// No trusted TLS connection: the certificate is not valid, or only one side uses TLS.
    case untrusted(endpoint: String, reason: String)
    /// What was received is not the Redis protocol.
    case garbled(endpoint: String, reason: String)
    /// The owner closed the connection. A command that was sent may have run or not.
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
            "The server at \(endpoint) does not speak the Redis protocol: \(reason). "
                + "Check that REDIS_URL names a Redis server."
        case .closed:
            "The connection to Redis was closed by this program."
        }
    }
}
