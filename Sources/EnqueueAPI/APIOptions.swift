public import Queue
public import Secrets

/// Where the API listens and whom it lets in.
public struct APIOptions: Sendable {
    /// A name or address of this machine; one that others can reach needs a token.
    public let host: String
    /// 0 for any that is free.
    public let port: Int
    /// The largest arguments of a job, in bytes.
    public let payloadLimit: Int
    /// How long the body of a request may take to come.
    public let bodyTime: Duration
    let token: Secret?

    /// - Parameter token: what clients must send as their bearer token; without one only this machine is served.
    /// - Throws: `APIError.needsToken` for a host that others can reach, without a token.
    public init(
        host: String = "127.0.0.1", port: Int = 8000, token: Secret? = nil, payloadLimit: Int = NewJob.payloadLimit,
        bodyTime: Duration = .seconds(30)
    )
        throws(APIError)
    {
        guard token != nil || Self.isLoopback(host) else { throw .needsToken(host: host) }
        self.host = host
        self.port = port
        self.token = token
        self.payloadLimit = payloadLimit
        self.bodyTime = bodyTime
    }

    /// The largest request body: the arguments and 16 KiB for what is around them.
    public var bodyLimit: Int { payloadLimit + (16 << 10) }

    /// Whether a host names this machine for itself: `localhost`, `127.…`, `::1`.
    static func isLoopback(_ host: some StringProtocol) -> Bool {
        if host.lowercased() == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
