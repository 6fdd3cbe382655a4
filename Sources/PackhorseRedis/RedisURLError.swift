/// What is wrong with a Redis URL. It never repeats a part of the URL that could be a password.
public enum RedisURLError: Error, Sendable, Equatable {
    /// No `scheme://` in front.
    case notAURL
    /// A scheme that `RedisURL` does not list, as written.
    case unknownScheme(String)
    /// A host is missing, possibly in Sentinel's list.
    case noHost
    /// Neither a name, an IPv4 address nor an IPv6 address in `[ ]`.
    case malformedHost
    /// Not a number from 1 to 65,535.
    case malformedPort
    /// A list of hosts without Sentinel.
    case severalHosts
    /// A user without a password, or `sentineluser` without `sentinelpassword`.
    case userWithoutPassword
    /// An `@` after the first `/`, `?` or `#`: most likely one of these is unescaped in the password.
    case unescapedCharacter
    /// A `%` without two hexadecimal digits after it, or one that does not decode to UTF-8; `part` says where.
    case malformedPercent(part: String)
    /// Not a whole number from 0 up.
    case malformedDatabase
    /// Different databases in the path and in `db`.
    case twoDatabases
    /// A unix socket needs an absolute path.
    case noSocketPath
    /// Linux allows 107 bytes.
    case socketPathTooLong(bytes: Int)
    /// With Sentinel: the path does not name a master.
    case noMasterName
    /// The path has more parts than the database (and, with Sentinel, the master's name).
    case extraPath
    /// A `#` after the host.
    case fragment
    /// An unknown key in the query.
    case unknownKey(String)
    /// A repeated key in the query.
    case repeatedKey(String)
    /// A key in the query without a value.
    case emptyValue(key: String)
    /// A key in the query that needs another scheme.
    case keyNeeds(key: String, scheme: String)
    /// `cert` without `key`, or `key` without `cert`.
    case halfClientCertificate
}

extension RedisURLError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAURL:
            "The Redis URL has no scheme. Write redis://host:6379."
        case .unknownScheme(let scheme):
            "The Redis URL begins with \(scheme)://, which is unknown. Use redis, rediss, redis+unix, unix, "
                + "redis+sentinel or rediss+sentinel."
        case .noHost:
            "The Redis URL names no host. Write redis://host:6379."
        case .malformedHost:
            "The Redis URL's host is malformed. Write a name, an IPv4 address, or an IPv6 address in [ ]."
        case .malformedPort:
            "The Redis URL's port is not a number from 1 to 65535. Percent-encode a : in the password as %3A."
        case .severalHosts:
            "The Redis URL lists several hosts. Only redis+sentinel:// and rediss+sentinel:// take a list."
        case .userWithoutPassword:
            "The Redis URL has a user without a password. Write user:password@host, or :password@host."
        case .unescapedCharacter:
            "The Redis URL has an @ in the wrong place. Percent-encode special characters in the password: "
                + "/ as %2F, ? as %3F, # as %23, @ as %40."
        case .malformedPercent(let part):
            "The Redis URL has a % in its \(part) that is not valid percent-encoding. Write a plain % as %25."
        case .malformedDatabase:
            "The Redis URL's database is not a number from 0 up. Write redis://host/1 or ?db=1."
        case .twoDatabases:
            "The Redis URL names one database in its path and another with db. Keep one of them."
        case .noSocketPath:
            "The Redis URL needs an absolute socket path. Write redis+unix:///path/to.sock, with three slashes."
        case .socketPathTooLong(let bytes):
            "The Redis URL's socket path has \(bytes) bytes; the limit is 107. Use a shorter path."
        case .noMasterName:
            "The Redis URL does not name the master to ask Sentinel for. Write redis+sentinel://host:26379/master-name."
        case .extraPath:
            "The Redis URL's path has too many parts. It ends with the database: redis://host/1."
        case .fragment:
            "The Redis URL has a # part. Percent-encode # as %23."
        case .unknownKey(let key):
            "The Redis URL's query has the unknown key \(key). Known: db, ca, cert, key, servername, sentineluser, "
                + "sentinelpassword."
        case .repeatedKey(let key):
            "The Redis URL's query has \(key) twice. Keep one of them."
        case .emptyValue(let key):
            "The Redis URL's query has \(key) without a value. Give it one or leave it out."
        case .keyNeeds(let key, let scheme):
            "The Redis URL's query key \(key) needs \(scheme)://. Change the scheme or leave the key out."
        case .halfClientCertificate:
            "The Redis URL has only one of cert and key. A client certificate needs both."
        }
    }
}
