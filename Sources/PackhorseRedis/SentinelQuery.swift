internal import Secrets

/// Finds a master by asking the sentinels that watch it.
///
/// As in "Guidelines for Redis clients with support for Redis Sentinel", redis.io: ask the sentinels in turn, connect to
/// the server that one of them names, and try the next sentinel unless that server confirms that it is a master.
struct SentinelQuery {
    let sentinels: [RedisAddress]
    let master: String
    let user: String?
    let password: Secret?

    /// A connection to the master, logged in; every sentinel gets a share of the time.
    func connect(_ url: RedisURL, clientName: String, _ limit: TimeLimit) throws(RedisError) -> RedisSocket {
        var reasons: [String] = []
        var refusal: RedisError?
        for (index, sentinel) in sentinels.enumerated() {
            do throws(RedisError) {
                let limit = limit.share(of: sentinels.count - index)
                let address = try ask(sentinel, tls: url.tls, limit.share(of: 2))
                var socket = try RedisSocket(address, tls: url.tls, limit)
                try Greeting(url, name: clientName, master: true).say(to: &socket, limit)
                return socket
            } catch .closed {
                throw .closed
            } catch .unreachable(let endpoint, let reason) {
                reasons.append("\(endpoint): \(reason)")
            } catch {
                refusal = refusal ?? error
            }
        }
        throw refusal
            ?? .unreachable(endpoint: "Sentinel's \(master)", reason: reasons.joined(separator: "; "))
    }

    private func ask(
        _ sentinel: RedisAddress, tls: RedisURL.TLSOptions?, _ limit: TimeLimit
    ) throws(RedisError) -> RedisAddress {
        var socket = try RedisSocket(sentinel, tls: tls, limit)
        let login = Greeting(user: user, password: password)
        if !login.commands.isEmpty { try login.say(to: &socket, limit) }

        var command = RedisCommand("SENTINEL", arguments: 2)
        command.append("get-master-addr-by-name")
        command.append(master)
        switch try socket.call(command, limit) {
        case .array(let parts):
            guard parts.count == 2, let host = parts[0].string, let port = parts[1].int.flatMap({ UInt16(exactly: $0) })
            else { throw .garbled(endpoint: socket.endpoint, reason: "not a valid address of a master") }
            return .tcp(host: host, port: port)
        case .error(let text) where text.hasPrefix("NOAUTH") || text.hasPrefix("NOPERM"):
            throw .denied(endpoint: socket.endpoint, reason: text)
        case .error(let text):
            throw .unreachable(endpoint: socket.endpoint, reason: "asked for the master \(master): \(text)")
        default:
            throw .unreachable(endpoint: socket.endpoint, reason: "it watches no master named \(master)")
        }
    }
}
