import Secrets
import Testing

@testable import PackhorseRedis

@Suite struct RedisURLTests {
    @Test(arguments: [
        ("redis://localhost", RedisAddress.tcp(host: "localhost", port: 6379)),
        ("redis://localhost/", .tcp(host: "localhost", port: 6379)),
        ("REDIS://10.0.0.7:7000/3", .tcp(host: "10.0.0.7", port: 7000)),
        ("redis://[::1]", .tcp(host: "::1", port: 6379)),
        ("redis://[fe80::1%eth0]:65535/0", .tcp(host: "fe80::1%eth0", port: 65535)),
        ("rediss://cache.example.org:6380", .tcp(host: "cache.example.org", port: 6380)),
        ("redis+unix:///run/redis.sock", .unix(path: "/run/redis.sock")),
        ("unix:///run/my%20redis.sock?db=2", .unix(path: "/run/my redis.sock")),
    ])
    func servers(_ text: String, _ address: RedisAddress) throws {
        #expect(try RedisURL(text).place == .server(address))
    }

    @Test(
        arguments: [
            ("redis://h", nil, nil), ("redis://:secret@h", nil, "secret"), ("redis://me:secret@h", "me", "secret"),
            ("redis://m%40e:p%2Fa%3Ass%20%C3%A9@h:1/2", "m@e", "p/a:ss é"), ("redis://:a@b@h", nil, "a@b"),
            ("redis://me:a:b@[::1]:7", "me", "a:b"), ("redis+unix://me:secret@/s", "me", "secret"),
            ("rediss+sentinel://me:secret@h/m", "me", "secret"),
        ] as [(String, String?, String?)])
    func logins(_ text: String, _ user: String?, _ password: String?) throws {
        let url = try RedisURL(text)
        #expect(url.user == user)
        #expect(url.password?.text == password)
    }

    @Test(arguments: [
        ("redis://h", 0), ("redis://h/", 0), ("redis://h/7", 7), ("redis://h?db=7", 7), ("redis://h/7?db=7", 7),
        ("redis+unix:///s?db=1", 1), ("redis+sentinel://h/m", 0), ("redis+sentinel://h/m/", 0),
        ("redis+sentinel://h/m/4", 4), ("redis+sentinel://h/m?db=4", 4),
    ])
    func databases(_ text: String, _ database: Int) throws {
        #expect(try RedisURL(text).database == database)
    }

    @Test func sentinels() throws {
        let url = try RedisURL("redis+sentinel://a,b:7,[::1]:8/my%2Dmaster/2?sentineluser=u&sentinelpassword=p%26w")
        #expect(
            url.place
                == .sentinels(
                    [.tcp(host: "a", port: 26379), .tcp(host: "b", port: 7), .tcp(host: "::1", port: 8)],
                    master: "my-master", user: "u", password: Secret("p&w")))
        #expect(url.tls == nil)
    }

    @Test func tls() throws {
        #expect(try RedisURL("redis://h").tls == nil)
        #expect(try RedisURL("rediss://h").tls == RedisURL.TLSOptions())
        let url = try RedisURL("rediss+sentinel://h/m?ca=/a%20b.pem&cert=c.pem&key=k.pem&servername=redis.example")
        #expect(
            url.tls
                == RedisURL.TLSOptions(
                    authorities: "/a b.pem", certificate: "c.pem", key: "k.pem", serverName: "redis.example"))
    }

    @Test(arguments: [
        ("", RedisURLError.notAURL), ("localhost:6379", .notAURL), ("redis:/h", .notAURL),
        ("http://h", .unknownScheme("http")), ("://h", .unknownScheme("")),
        ("redis://", .noHost), ("redis:///1", .noHost), ("redis://:6379", .noHost), ("redis://:secret@", .noHost),
        ("redis+sentinel://a,,b/m", .noHost), ("redis+sentinel:///m", .noHost),
        ("redis://[::1", .malformedHost), ("redis://[]", .malformedHost), ("redis://[::1]x", .malformedHost),
        ("redis://[hello]", .malformedHost), ("redis://a b", .malformedHost),
        ("redis://h:", .malformedPort), ("redis://h:0", .malformedPort), ("redis://h:65536", .malformedPort),
        ("redis://h:x", .malformedPort), ("redis://h:+1", .malformedPort), ("redis://::1", .malformedHost),
        ("redis://a:1:2", .malformedHost),
        ("redis://a,b", .severalHosts),
        ("redis://me@h", .userWithoutPassword), ("redis://me:@h", .userWithoutPassword),
        ("redis://@h", .userWithoutPassword), ("redis+sentinel://h/m?sentineluser=u", .userWithoutPassword),
        ("redis://me:sec/ret@h", .unescapedCharacter), ("redis://me:sec?ret@h", .unescapedCharacter),
        ("redis://me:sec#ret@h", .unescapedCharacter),
        ("redis://:%4@h", .malformedPercent(part: "password")), ("redis://:%zz@h", .malformedPercent(part: "password")),
        ("redis://%ff:p@h", .malformedPercent(part: "user")), ("redis://:%00@h", .malformedPercent(part: "password")),
        ("unix:///a%", .malformedPercent(part: "path")),
        ("rediss://h?ca=%", .malformedPercent(part: "value of ca")),
        ("redis://h/one", .malformedDatabase), ("redis://h/-1", .malformedDatabase),
        ("redis://h?db=x", .malformedDatabase), ("redis://h/1?db=2", .twoDatabases),
        ("redis://h/99999999999999999999", .malformedDatabase),
        ("unix://", .noSocketPath), ("unix:///", .noSocketPath), ("unix://run/redis.sock", .noSocketPath),
        ("unix:///" + String(repeating: "x", count: 107), .socketPathTooLong(bytes: 108)),
        ("redis+sentinel://h", .noMasterName), ("redis+sentinel://h/", .noMasterName),
        ("redis://h/1/2", .extraPath), ("redis+sentinel://h/m/1/2", .extraPath),
        ("redis://h#x", .fragment), ("redis://h/1?db=1#x", .fragment),
        ("redis://h?timeout=3", .unknownKey("timeout")), ("redis://h?password=x", .unknownKey("password")),
        ("redis://h?db=1&db=1", .repeatedKey("db")), ("redis://h?db=", .emptyValue(key: "db")),
        ("redis://h?db", .emptyValue(key: "db")),
        ("redis://h?ca=x", .keyNeeds(key: "ca", scheme: "rediss")),
        ("redis+sentinel://h/m?ca=x", .keyNeeds(key: "ca", scheme: "rediss+sentinel")),
        ("rediss://h?sentinelpassword=x", .keyNeeds(key: "sentinelpassword", scheme: "redis+sentinel")),
        ("rediss://h?cert=x", .halfClientCertificate), ("rediss://h?key=x", .halfClientCertificate),
    ])
    func malformed(_ text: String, _ error: RedisURLError) {
        #expect(throws: error) { try RedisURL(text) }
        #expect(error.description.hasSuffix("."))
    }

    @Test(arguments: [
        ("redis://h", "redis://h:6379"), ("rediss://me:hunter2@h:1/3?ca=/x", "rediss://me:***@h:1/3"),
        ("redis://:hunter2@[::1]", "redis://:***@[::1]:6379"),
        ("unix://me:hunter2@/run/s?db=1", "redis+unix://me:***@/run/s?db=1"),
        (
            "redis+sentinel://:hunter2@a,b:1/m/2?sentinelpassword=hunter2",
            "redis+sentinel://:***@a:26379,b:1/m/2"
        ),
    ])
    func secretsStaySecret(_ text: String, _ shown: String) throws {
        let url = try RedisURL(text)
        #expect(url.description == shown)
        #expect(!String(reflecting: url).contains("hunter2"))
        var dumped = ""
        dump(url, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test(arguments: [
        "redis://me:hunter2/@h", "redis://me:hunter2", "redis://me:hunter2:7@h:x", "redis://hunter2@h",
        "rediss://:hunter2%@h", "unix://:hunter2@relative", "redis://:hunter2@h?db=x", "redis://:hunter2#@h",
        "http:hunter2", "hunter2", "redis://:hunter2@a,b", "redis+sentinel://h/m?sentineluser=hunter2",
    ])
    func errorsStaySecret(_ text: String) {
        let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
        #expect(error.map { "\($0) \(String(reflecting: $0))" }?.contains("hunter2") == false)
    }
}
