internal import Secrets

extension RedisURL {
    /// Parses a URL in one of the forms that `RedisURL` lists.
    ///
    /// - Throws: `RedisURLError`, which repeats no part of the URL that could be a password.
    public init(_ text: String) throws(RedisURLError) {
        guard let (schemeText, rest) = text.split(at: "://") else { throw .notAURL }
        guard let scheme = Scheme(rawValue: schemeText.lowercased()) else { throw .unknownScheme(String(schemeText)) }

        let authority = rest.prefix { !"/?#".contains($0) }
        let tail = rest[authority.endIndex...]
        if tail.contains("@"), !authority.contains("@") { throw .unescapedCharacter }
        if tail.contains("#") { throw .fragment }
        let path = tail.prefix { $0 != "?" }
        let hosts = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let login = authority.lastIndex(of: "@").map { authority[..<$0] }

        (user, password) = try Self.login(login)
        let query = try Query(tail[path.endIndex...].dropFirst(), scheme: scheme)
        tls = scheme.usesTLS ? query.tls : nil

        let index: Substring?
        switch scheme {
        case .redis, .rediss:
            guard !hosts.contains(",") else { throw .severalHosts }
            place = .server(try Self.address(hosts, port: 6379))
            let parts = try Self.parts(of: path, atMost: 1)
            index = parts.first
        case .unix, .redisUnix:
            let file = try decoded(path, part: "path")
            guard hosts.isEmpty, file.hasPrefix("/"), file.count > 1 else { throw .noSocketPath }
            guard file.utf8.count <= 107 else { throw .socketPathTooLong(bytes: file.utf8.count) }
            place = .server(.unix(path: file))
            index = nil
        case .sentinel, .sentinelTLS:
            var sentinels: [RedisAddress] = []
            for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
                sentinels.append(try Self.address(host, port: 26379))
            }
            let parts = try Self.parts(of: path, atMost: 2)
            guard let name = parts.first, !name.isEmpty else { throw .noMasterName }
            let master = try decoded(name, part: "path")
            place = .sentinels(sentinels, master: master, user: query.sentinelUser, password: query.sentinelPassword)
            index = parts.dropFirst().first
        }
        database = try Self.database(path: index, query: query.database)
    }

    private static func login(_ text: Substring?) throws(RedisURLError) -> (String?, Secret?) {
        guard let text else { return (nil, nil) }
        guard let (user, password) = text.split(at: ":"), !password.isEmpty else { throw .userWithoutPassword }
        return (
            user.isEmpty ? nil : try decoded(user, part: "user"), Secret(try decoded(password, part: "password"))
        )
    }

    private static func address(_ text: Substring, port standard: UInt16) throws(RedisURLError) -> RedisAddress {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let (inside, after) = text.dropFirst().split(at: "]"), inside.contains(":") else {
                throw .malformedHost
            }
            guard inside.allSatisfy({ $0.isLetter || $0.isNumber || ":.%-_".contains($0) }) else {
                throw .malformedHost
            }
            guard after.isEmpty || after.hasPrefix(":") else { throw .malformedHost }
            host = inside
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let (name, number) = text.split(at: ":") {
            guard !number.contains(":") else { throw .malformedHost }
            (host, port) = (name, number)
        }
        guard !host.isEmpty else { throw .noHost }
        guard host.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), !host.contains("@") else { throw .malformedHost }
        guard let port else { return .tcp(host: String(host), port: standard) }
        guard port.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt16(port), number > 0 else {
            throw .malformedPort
        }
        return .tcp(host: String(host), port: number)
    }

    private static func parts(of path: Substring, atMost limit: Int) throws(RedisURLError) -> [Substring] {
        var parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        guard parts.count <= limit else { throw .extraPath }
        return parts
    }

    private static func database(path: Substring?, query: Substring?) throws(RedisURLError) -> Int {
        var found: Int?
        for text in [path, query] {
            guard let text else { continue }
            guard let number = Int(decimal: Array(text.utf8)), number >= 0 else { throw .malformedDatabase }
            guard found == nil || found == number else { throw .twoDatabases }
            found = number
        }
        return found ?? 0
    }

    private enum Scheme: String {
        case redis, rediss, unix
        case redisUnix = "redis+unix"
        case sentinel = "redis+sentinel"
        case sentinelTLS = "rediss+sentinel"

        var usesTLS: Bool { self == .rediss || self == .sentinelTLS }
        var usesSentinel: Bool { self == .sentinel || self == .sentinelTLS }
    }

    private struct Query {
        var database: Substring?
        var tls = TLSOptions()
        var sentinelUser: String?
        var sentinelPassword: Secret?

        init(_ text: Substring, scheme: Scheme) throws(RedisURLError) {
            var seen: Set<Substring> = []
            for pair in text.split(separator: "&") {
                let (key, raw) = pair.split(at: "=") ?? (pair, "")
                guard Self.keys.contains(key) else { throw .unknownKey(String(key)) }
                guard seen.insert(key).inserted else { throw .repeatedKey(String(key)) }
                guard !raw.isEmpty else { throw .emptyValue(key: String(key)) }
                let value = try decoded(raw, part: "value of \(key)")
                switch key {
                case "db": database = Substring(value)
                case "sentineluser" where scheme.usesSentinel: sentinelUser = value
                case "sentinelpassword" where scheme.usesSentinel: sentinelPassword = Secret(value)
                case "sentineluser", "sentinelpassword": throw .keyNeeds(key: String(key), scheme: "redis+sentinel")
                case _ where !scheme.usesTLS:
                    throw .keyNeeds(key: String(key), scheme: scheme.usesSentinel ? "rediss+sentinel" : "rediss")
                case "ca": tls.authorities = value
                case "cert": tls.certificate = value
                case "key": tls.key = value
                default: tls.serverName = value
                }
            }
            guard (tls.certificate == nil) == (tls.key == nil) else { throw .halfClientCertificate }
            guard sentinelUser == nil || sentinelPassword != nil else { throw .userWithoutPassword }
        }

        static let keys: Set<Substring> = ["db", "ca", "cert", "key", "servername", "sentineluser", "sentinelpassword"]
    }
}

/// Decodes percent-encoding.
private func decoded(_ text: Substring, part: String) throws(RedisURLError) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), value != 0
        else { throw .malformedPercent(part: part) }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformedPercent(part: part) }
    return text
}

extension StringProtocol where SubSequence == Substring {
    /// The parts before and after the first `separator`; nil without one.
    fileprivate func split(at separator: String) -> (Substring, Substring)? {
        firstRange(of: separator).map { (self[..<$0.lowerBound], self[$0.upperBound...]) }
    }
}
