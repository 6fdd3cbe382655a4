import Cron
import Foundation
import Queue
import ScheduleFiles
import Servers
import Testing

/// What is in a file is what the schedules have.
@Suite struct ScheduleFileTests {
    private func read(_ text: String) throws(ScheduleFileError) -> [ScheduleSpec] {
        try ScheduleFile(text: text, name: "schedules.yml").specs
    }

    private func args(_ yaml: String) throws -> String {
        let specs = try read("schedules:\n  a:\n    every: 1m\n    type: x\n    args: \(yaml)\n")
        return String(decoding: try #require(specs.first).job.args, as: UTF8.self)
    }

    @Test func everyFieldIsRead() throws {
        let spec = try #require(
            try read(
                """
                schedules:
                  nightly-backup:
                    cron: "0 3 * * *"
                    zone: Europe/Vienna
                    repeatedHour: twice
                    type: backup.run
                    version: 2
                    args: {target: all}
                    queue: backups
                    priority: low
                    tenant: 42
                    limits: [scryfall, {key: "tenant:42", cost: 3}]
                    expires: 2h
                    maxAttempts: 5
                    timeout: 30m
                    jitter: 90
                    catchUp: all:3
                    overlap: buffer-one
                    pauseAfterFailures: 4
                    until: 2031-05-04T12:00:00Z
                """
            ).first)
        #expect(spec.name == "nightly-backup")
        #expect(
            spec.timing
                == .cron(try CronExpression("0 3 * * *"), zone: try Zone("Europe/Vienna"), repeatedHour: .twice))
        var job = JobSpec(type: "backup.run")
        job.version = 2
        job.args = Array(#"{"target":"all"}"#.utf8)
        job.queue = "backups"
        job.priority = "low"
        job.tenant = "42"
        job.limits = [LimitUse("scryfall"), LimitUse("tenant:42", cost: 3)]
        job.expires = .seconds(7200)
        job.maxAttempts = 5
        job.timeout = .seconds(1800)
        #expect(spec.job == job)
        #expect(spec.jitter == .seconds(90))
        #expect(spec.catchUp == .all(limit: 3))
        #expect(spec.overlap == .bufferOne)
        #expect(spec.pauseAfterFailures == 4)
        #expect(spec.until == 1_935_662_400_000)
    }

    @Test func schedulesKeepTheirOrderAndTextsNeedNoQuotes() throws {
        let specs = try read(
            """
            schedules:
              b:
                every: 15m
                from: 2027-01-01T00:00:00Z
                type: x
              a:
                cron: 0 3 * * mon-fri
                type: y
            """)
        #expect(specs.map(\.name) == ["b", "a"])
        #expect(specs[0].timing == .every(interval: 900_000, anchor: 1_798_761_600_000))
        #expect(specs[1].timing == .cron(try CronExpression("0 3 * * mon-fri"), zone: .utc, repeatedHour: .once))
    }

    @Test func noSchedulesAreWrittenAsAnEmptyMapping() throws { #expect(try read("schedules: {}\n").isEmpty) }

    @Test(arguments: [
        ("1", "1"), ("-12", "-12"), ("+12", "12"), ("007", "7"), ("1.50", "1.50"), (".5", "0.5"), ("1.", "1"),
        ("1e5", "1e5"), ("0x1F", "31"), ("0o17", "15"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("true", "true"), ("False", "false"), ("~", "{}"), ("null", "{}"), ("\"1\"", #""1""#), ("'true'", #""true""#),
        ("yes", #""yes""#), ("12:30", #""12:30""#), ("2027-01-01", #""2027-01-01""#), ("1.2.3", #""1.2.3""#),
        ("!!str 5", #""5""#), ("[1, x, {a: }, ~]", #"[1,"x",{"a":null},null]"#),
        ("{a: {b: [true]}}", #"{"a":{"b":[true]}}"#), (#""a\"\\\n\u00e9""#, #""a\"\\\né""#),
        ("rm *log &x", #""rm *log &x""#),
    ])
    func argumentsKeepTheirTypes(_ yaml: String, _ json: String) throws { #expect(try args(yaml) == json) }

    @Test func aFileIsKnownByItsNameWithoutItsFolder() throws {
        let path = try Scratch.directory() + "/nightly.yml"
        try Data("\u{FEFF}schedules:\n  a: {every: 1m, type: x}\n".utf8).write(to: URL(filePath: path))
        let file = try ScheduleFile(path: path)
        #expect(file.source == "nightly.yml")
        #expect(file.specs.map(\.name) == ["a"])
    }

    @Test func theSampleHasNoMistake() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        #expect(try ScheduleFile(path: root.path + "/samples/schedules.yml").specs.count == 3)
    }
}
