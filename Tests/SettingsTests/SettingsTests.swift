import Documents
import Foundation
import Logging
import Logs
import PackhorseRedis
import Queue
import Secrets
import Settings
import Testing

@Suite struct SettingsTests {
    /// As the executable `worker` has it.
    private let table: SettingsTable

    init() throws { table = try SettingsTable.core.adding(DocumentSettings.rows) }

    @Test func everythingHasItsDefault() throws {
        let settings = Settings(environment: [:], table)
        #expect(try settings.redisURL() == nil)
        #expect(try settings[.home] == "./.packhorse")
        #expect(try settings[.documents] == ".")
        #expect(try settings[.models] == "./.models")
        #expect(try settings[.queues].map(\.description) == ["default:1"])
        #expect(try settings[.concurrency] == 16)
        #expect(try settings[.grace] == .seconds(30))
        #expect(try settings[.lease] == .milliseconds(3500))
        #expect(try settings[.maxCrashes] == 3)
        #expect(try settings.retention() == Retention())
        #expect(try settings[.payloadLimit] == NewJob.payloadLimit)
        #expect(try settings[.logLevel] == .info)
        #expect(try settings[.logFormat] == nil)
        #expect(try settings[.httpPort] == nil)
        #expect(try settings[.httpHost] == "127.0.0.1")
        #expect(try settings[.healthFile] == nil)
        #expect(try settings[.apiHost] == "127.0.0.1")
        #expect(try settings[.apiPort] == 8000)
        #expect(try settings[.apiToken] == nil)
        #expect(try !settings[.allowEviction])
        #expect(try settings[.schedules] == nil)
    }

    @Test func everythingCanBeSet() throws {
        let environment = [
            "REDIS_URL": "redis://h:1/2", "PACKHORSE_HOME": "/a b", "PACKHORSE_DOCUMENTS": "/d",
            "PACKHORSE_MODELS": "/m", "PACKHORSE_QUEUES": "ocr:2,default", "PACKHORSE_CONCURRENCY": "10000",
            "PACKHORSE_GRACE": "0s", "PACKHORSE_LEASE": "5m", "PACKHORSE_MAX_CRASHES": "1",
            "PACKHORSE_RETAIN_AGE": "2d", "PACKHORSE_RETAIN_BYTES": "1GiB", "PACKHORSE_RETAIN_DEAD_AGE": "1h",
            "PACKHORSE_RETAIN_DEAD_BYTES": "1048576", "PACKHORSE_PAYLOAD_LIMIT": "64KiB",
            "PACKHORSE_LOG_LEVEL": "DEBUG", "PACKHORSE_LOG_FORMAT": "text", "PACKHORSE_HTTP_PORT": "9090",
            "PACKHORSE_HTTP_HOST": "0.0.0.0", "PACKHORSE_HEALTH_FILE": "/h", "PACKHORSE_API_HOST": "::",
            "PACKHORSE_API_PORT": "80", "PACKHORSE_API_TOKEN": "0123456789abcdef",
            "PACKHORSE_ALLOW_EVICTION": "true", "PACKHORSE_SCHEDULES": "/s.yml",
        ]
        let settings = Settings(environment: environment, table)
        #expect(environment.keys.sorted() == table.rows.map(\.name).sorted())
        #expect(try settings.redisURL() == RedisURL("redis://h:1/2"))
        #expect(try settings[.home] == "/a b")
        #expect(try settings[.documents] == "/d")
        #expect(try settings[.models] == "/m")
        #expect(try settings[.queues].map(\.description) == ["ocr:2", "default:1"])
        #expect(try settings[.concurrency] == 10_000)
        #expect(try settings[.grace] == .zero)
        #expect(try settings[.lease] == .seconds(300))
        #expect(try settings[.maxCrashes] == 1)
        #expect(
            try settings.retention()
                == Retention(age: .seconds(172_800), bytes: 1 << 30, deadAge: .seconds(3600), deadBytes: 1 << 20))
        #expect(try settings[.payloadLimit] == 65_536)
        #expect(try settings[.logLevel] == .debug)
        #expect(try settings[.logFormat] == .text)
        #expect(try settings[.httpPort] == 9090)
        #expect(try settings[.httpHost] == "0.0.0.0")
        #expect(try settings[.healthFile] == "/h")
        #expect(try settings[.apiHost] == "::")
        #expect(try settings[.apiPort] == 80)
        #expect(try settings[.apiToken]?.text == "0123456789abcdef")
        #expect(try settings[.allowEviction])
        #expect(try settings[.schedules] == "/s.yml")
    }

    @Test func anEmptyVariableIsNotSet() throws {
        #expect(try Settings(environment: ["PACKHORSE_CONCURRENCY": ""])[.concurrency] == 16)
        #expect(try Settings(environment: ["REDIS_URL": ""]).redisURL() == nil)
    }

    @Test(arguments: [
        ("PACKHORSE_CONCURRENCY", "0"), ("PACKHORSE_CONCURRENCY", "10001"), ("PACKHORSE_CONCURRENCY", "x"),
        ("PACKHORSE_CONCURRENCY", "1.5"), ("PACKHORSE_QUEUES", "ocr:0"), ("PACKHORSE_QUEUES", "ocr:1001"),
        ("PACKHORSE_QUEUES", "a,a"), ("PACKHORSE_QUEUES", "a,,b"), ("PACKHORSE_QUEUES", "A"),
        ("PACKHORSE_QUEUES", "a:1:2"), ("PACKHORSE_QUEUES", "a:"), ("PACKHORSE_GRACE", "30"),
        ("PACKHORSE_GRACE", "-1s"), ("PACKHORSE_GRACE", "25h"), ("PACKHORSE_GRACE", "1 s"),
        ("PACKHORSE_GRACE", "99999999999999999999s"), ("PACKHORSE_GRACE", "9999999999999999d"),
        ("PACKHORSE_LEASE", "499ms"), ("PACKHORSE_LEASE", "301s"), ("PACKHORSE_MAX_CRASHES", "0"),
        ("PACKHORSE_MAX_CRASHES", "1001"),
        ("PACKHORSE_RETAIN_AGE", "never"), ("PACKHORSE_RETAIN_BYTES", "1MB"), ("PACKHORSE_RETAIN_BYTES", "-1"),
        ("PACKHORSE_RETAIN_DEAD_AGE", "1w"), ("PACKHORSE_RETAIN_DEAD_BYTES", "9999999999TiB"),
        ("PACKHORSE_PAYLOAD_LIMIT", "1"), ("PACKHORSE_PAYLOAD_LIMIT", "65MiB"), ("PACKHORSE_LOG_LEVEL", "loud"),
        ("PACKHORSE_LOG_FORMAT", "xml"), ("PACKHORSE_HTTP_PORT", "65536"), ("PACKHORSE_HTTP_PORT", "-1"),
        ("PACKHORSE_HTTP_HOST", "a b"), ("PACKHORSE_API_HOST", "http://x"), ("PACKHORSE_API_PORT", "x"),
        ("PACKHORSE_API_TOKEN", "short"), ("PACKHORSE_API_TOKEN", "with spaces in it it is no token"),
        ("REDIS_URL", "localhost:6379"), ("REDIS_URL", "http://hunter2hunter2"),
    ])
    func aWrongValueIsNamed(name: String, text: String) throws {
        let report = Settings(environment: [name: text]).report()
        let error = try #require(report.errors.first)
        #expect(report.errors.count == 1)
        #expect(error.hasPrefix(name))
        #expect(report.settings.first { $0.name == name }?.value == nil)
        let row = try #require(SettingsTable.core.rows.first { $0.name == name })
        if row.isSecret {
            #expect(!error.contains(text))
        } else {
            #expect(error.contains("'\(text)'"))
            #expect(error.contains(row.allowed))
        }
    }

    @Test func theErrorIsTyped() {
        #expect(
            throws: SettingsError.wrong(
                name: "PACKHORSE_MAX_CRASHES", found: "many", wanted: "a whole number from 1 to 1000")
        ) { try Settings(environment: ["PACKHORSE_MAX_CRASHES": "many"])[.maxCrashes] }
    }

    @Test func unknownVariablesAreReportedWithTheNearestName() {
        let report = Settings(environment: [
            "PACKHORSE_CONCURENCY": "3", "PACKHORSE_API_TOKEN_FILES": "x", "PACKHORSE_LOG_LEVEL": "info", "HOME": "/",
        ]).report()
        #expect(
            report.warnings == [
                "PACKHORSE_API_TOKEN_FILES is set, but nothing reads it. Do you mean PACKHORSE_API_TOKEN_FILE?",
                "PACKHORSE_CONCURENCY is set, but nothing reads it. Do you mean PACKHORSE_CONCURRENCY?",
            ])
        #expect(report.errors.isEmpty)
    }

    @Test func theReportSaysWhatHoldsAndWhereItComesFrom() throws {
        let report = Settings(environment: ["PACKHORSE_CONCURRENCY": "4"]).report()
        let rows = Dictionary(uniqueKeysWithValues: report.settings.map { ($0.name, $0) })
        #expect(rows.count == SettingsTable.core.rows.count)
        #expect(rows["PACKHORSE_CONCURRENCY"]?.value == "4")
        #expect(rows["PACKHORSE_CONCURRENCY"]?.source == "environment")
        #expect(rows["PACKHORSE_GRACE"]?.value == "30s")
        #expect(rows["PACKHORSE_GRACE"]?.source == "default")
        let json = try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any]
        #expect(json?.keys.sorted() == ["errors", "settings", "warnings"])
        #expect(!report.json.contains("\n"))
    }

    /// What a queue can be told while it runs can be told to a worker as well.
    @Test(arguments: [
        (QueueSetting.maxCrashes, "PACKHORSE_MAX_CRASHES"), (.retainBytes, "PACKHORSE_RETAIN_BYTES"),
        (.retainDeadBytes, "PACKHORSE_RETAIN_DEAD_BYTES"),
    ]) func aVariableAllowsWhatTheSettingOfAQueueDoes(setting: QueueSetting, name: String) throws {
        let row = try #require(SettingsTable.core.rows.first { $0.name == name })
        #expect(throws: Never.self) { try row.check("\(setting.range.lowerBound)") }
        #expect(throws: Never.self) { try row.check("\(setting.range.upperBound)") }
        #expect(throws: SettingsError.self) { try row.check("\(setting.range.upperBound + 1)") }
    }

    @Test func quantitiesAreWrittenAsTheyAreRead() {
        for text in ["0s", "250ms", "30s", "5m", "1h", "2d", "90s", "36h"] {
            #expect(Duration(text: text)?.text == text)
        }
        #expect(Duration(text: "60s")?.text == "1m")
        for text in ["", "s", "5", "1.5s", "5M", "+5s", "٣s"] { #expect(Duration(text: text) == nil, "\(text)") }
        for text in ["0", "1023", "1KiB", "1MiB", "256MiB", "3GiB", "1TiB"] {
            #expect(ByteCount(text)?.description == text)
        }
        for text in ["", "KiB", "1kb", "1 MiB", "-1", "1MB"] { #expect(ByteCount(text) == nil, "\(text)") }
    }
}
