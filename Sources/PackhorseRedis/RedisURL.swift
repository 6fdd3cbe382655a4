internal import Secrets

/// Where Redis is and how to log in: the parsed `REDIS_URL`.
///
/// | form | meaning |
/// |---|---|
/// | `redis://[user[:password]@]host[:6379][/db]` | TCP |
/// | `rediss://…` | TCP with TLS |
/// | `redis+unix://[user:password@]/path/to.sock[?db=1]`, also `unix://` | unix socket |
/// | `redis+sentinel://[user:password@]host[:26379],host…/master-name[/db]` | the master that Sentinel names |
/// | `rediss+sentinel://…` | the same, with TLS to the sentinels and to the master |
///
/// A password without a user is written `:password@`. Special characters in a user, password, path or value are
/// percent-encoded; an IPv6 address is in brackets. The query may have `db`; with TLS also `ca` (PEM file of the
/// authorities to trust instead of the system's), `cert` and `key` (PEM files, the client's certificate) and
/// `servername` (the name that the certificate must have instead of the host); with Sentinel also `sentineluser` and
/// `sentinelpassword`.
public struct RedisURL: Sendable, Equatable {
    let place: Place
    let user: String?
    let password: Secret?
    let database: Int
    /// Nil without TLS.
    let tls: TLSOptions?

    enum Place: Sendable, Equatable {
        case server(RedisAddress)
        /// Ask `sentinels`, in order, which server is the master called `master`.
        case sentinels([RedisAddress], master: String, user: String?, password: Secret?)
    }

    struct TLSOptions: Sendable, Equatable {
        var authorities: String?
        var certificate: String?
        var key: String?
        var serverName: String?
    }
}

/// One place to connect to.
enum RedisAddress: Sendable, Equatable, CustomStringConvertible {
    case tcp(host: String, port: UInt16)
    case unix(path: String)

    var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}

extension RedisURL: CustomStringConvertible {
    /// The URL without secrets: the password is shown as `***`, the query is omitted.
    public var description: String {
        let login = password.map { "\(user ?? ""):\($0)@" } ?? ""
        let index = database == 0 ? "" : "/\(database)"
        let s = tls == nil ? "" : "s"
        return switch place {
        case .server(.unix(let path)):
            "redis+unix://\(login)\(path)" + (database == 0 ? "" : "?db=\(database)")
        case .server(let address):
            "redis\(s)://\(login)\(address)\(index)"
        case .sentinels(let sentinels, let master, _, _):
            "redis\(s)+sentinel://\(login)\(sentinels.map(\.description).joined(separator: ","))/\(master)\(index)"
        }
    }
}
