public import Queue
public import Secrets

/// Where the API listens and who may use it.
public struct APIOptions: Sendable {
    /// A name or address of this machine; an address that other hosts can reach needs a token.
    public let host: String
    /// 0 for any free one.
    public let port: Int
    /// The maximum size of a job's arguments, in bytes.
    public let payloadLimit: Int
    /// How long the body of a request may take to arrive.
    public let bodyTime: Duration
    let token: Secret?

    /// - Parameter token: the bearer token that clients must send; without one, only this machine is served.
    /// - Throws: `APIError.needsToken` for a host that other hosts can reach, without a token.
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

    /// The maximum size of a request body: the arguments and 16 KiB for everything else.
    public var bodyLimit: Int { payloadLimit + (16 << 10) }

    /// Whether a host is a name of this machine for itself: `localhost`, `127.…`, `::1`.
    static func isLoopback(_ host: some StringProtocol) -> Bool {
        if host.lowercased() == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
