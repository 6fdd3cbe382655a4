import Foundation
import Queue
import ScheduleFiles
import Servers
import Testing

/// Every mistake is named with its line, all of them at once.
@Suite struct MistakeTests {
    private func lines(_ text: String) -> [String] {
        do {
            _ = try ScheduleFile(text: text, name: "s.yml")
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    /// Of a schedule that has only one field more than it needs, in line 5.
    @Test(arguments: [
        (
            "overlap: skp",
            "The field 'overlap' is 'skp'. Allowed: allow, skip, replace, buffer-one. Do you mean 'skip'?"
        ),
        ("catchUp: last", "The field 'catchUp' is 'last'."), ("catchUp: all:0", "The field 'catchUp' is 'all:0'."),
        (
            "priority: hgih",
            "The field 'priority' is 'hgih'. Allowed: critical, high, default or low. Do you mean 'high'?"
        ),
        ("jitter: 3d", "The field 'jitter' is '3d'."), ("timeout: 0", "The field 'timeout' is '0'."),
        ("expires: soon", "The field 'expires' is 'soon'."), ("version: 1.5", "The field 'version' is '1.5'."),
        ("maxAttempts: \"5\"", "The field 'maxAttempts' is '\"5\"'. Allowed: a whole number."),
        ("pauseAfterFailures: 0", "The field 'pauseAfterFailures' is '0'. Allowed: 1 to 1000."),
        ("until: tomorrow", "The field 'until' is 'tomorrow'."),
        ("from: [1]", "The field 'from' is '[1]'. Allowed: a string."),
        ("zone: UTC", "'zone' and 'every' exclude each other."), ("queue: A", "The field 'queue' is 'A'."),
        ("jiter: 1s", "There is no field 'jiter'."), ("name: b", "There is no field 'name'."),
        ("key: k", "There is no field 'key'."), ("every: 2m", "'every' is given twice. Allowed: once."),
        ("args: .nan", "args: JSON has no number '.nan'."), ("args: !foo x", "args: The tag '!foo' is not allowed."),
        ("args: {b: 1, b: 2}", "args: The name 'b' is given twice."),
        ("args: {? [b] : 1}", "args: A list or a mapping can't be a name."),
    ])
    func aWrongField(_ field: String, _ message: String) {
        let found = lines("schedules:\n  a:\n    every: 1m\n    type: x\n    \(field)\n")
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("s.yml:5: a: \(message)") == true, "\(found)")
    }

    @Test(arguments: [
        ("cron: \"0 25 * * *\"", "The field 'cron' is '0 25 * * *'. Allowed: hour: "),
        ("cron: \"@reboot\"", "The field 'cron' is '@reboot'."), ("cron: 5", "The field 'cron' is '5'."),
        ("every: 500ms", "The field 'every' is '500ms'."), ("every: 400d", "The field 'every' is '400d'."),
        ("every: [1]", "The field 'every' is '[1]'."),
    ])
    func aWrongTime(_ field: String, _ message: String) {
        let found = lines("schedules:\n  a:\n    type: x\n    \(field)\n")
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("s.yml:4: a: \(message)") == true, "\(found)")
    }

    @Test func aMissingFieldIsNamedWhereTheScheduleBegins() {
        #expect(
            lines("schedules:\n  a:\n    every: 1m\n  b:\n    type: x\n").map { $0.prefix(50) }
                == [
                    "s.yml:2: a: The field 'type' is missing. Allowed: ",
                    "s.yml:4: b: The field 'cron' is missing. Allowed: ",
                ].map { $0.prefix(50) })
    }

    @Test func allAreNamedAtOnceInTheOrderOfTheirLines() {
        let found = lines(
            """
            schedules:
              one:
                cron: "0 25 * * *"
                zone: Europe/Wien
                type: backup run
                jiter: 1s
                overlap: skp
                priority: hi
                maxAttempts: 0
              two:
                type: x
                type: y
                type: z
              bad name: {every: 1m, type: x, tenant: 7}
              one: {every: 1h, type: x}
              three:
              four: [x]
              ? [five]
              : {every: 1h, type: x}
            other: 1
            """)
        #expect(
            found.compactMap { $0.split(separator: ":").dropFirst().first.flatMap { Int($0) } } == [
                3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 20,
            ], "\(found.joined(separator: "\n"))")
    }

    @Test(arguments: [
        ("", "s.yml: At the top must be 'schedules:'"), ("# nothing\n", "s.yml: At the top must be 'schedules:'"),
        ("- a\n", "s.yml:1: At the top must be 'schedules:'"), ("x\n", "s.yml:1: At the top must be 'schedules:'"),
        ("{}\n", "s.yml:1: At the top must be 'schedules:'"),
        ("schedule:\n  a: {}\n", "s.yml:1: There is no field 'schedule'. Known: schedules. Do you mean 'schedules'?"),
        ("\nschedules:\n", "s.yml:2: Under 'schedules:' must be a name and fields for each schedule, or {} for none."),
        ("schedules: [a]\n", "s.yml:1: Under 'schedules:' must be a name and fields"),
    ])
    func aWrongTop(_ text: String, _ message: String) {
        let found = lines(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(message) == true, "\(found)")
    }

    @Test(arguments: [
        ("schedules:\n  a:\n    cron: */5 * * * *\n", 3, " Put a text that begins with *, &, @, % or ` in quotes"),
        ("schedules:\n  a:\n    cron: @daily\n", 3, " Put a text that begins with *, &, @, % or ` in quotes"),
        ("schedules:\n  a:\n\tevery: 1m\n", 3, "indent with spaces."),
        ("schedules:\n  a:\n    type: x\n   every: 1m\n", 4, "did not find expected key."),
        ("schedules:\n  a: {type: x\n", 3, "It is not valid YAML: "),
        ("schedules:\n  a:\n    type: \"x\n", 4, "quoted scalar"),
        ("schedules:\n  a:\n    type: x\u{1}\n", 3, "control characters are not allowed."),
        ("schedules:\n  a:\n    type: *x\n", 3, "found undefined alias."),
        ("schedules: {}\n---\nschedules: {}\n", 2, "found another document."),
    ])
    func whatIsNoYAML(_ text: String, _ line: Int, _ message: String) {
        let found = lines(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("s.yml:\(line): It is not valid YAML: ") == true, "\(found)")
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    @Test func aliasesAreRefusedBeforeTheyAreResolved() {
        // As a name, this would be compared value by value: 10 to the 12.
        let levels = (1...12).map {
            "l\($0): &l\($0) [\(Array(repeating: "*l\($0 - 1)", count: 10).joined(separator: ","))]\n"
        }
        let text = "l0: &l0 [x]\n" + levels.joined() + "? *l12\n: x\nschedules: {}\n"
        #expect(
            lines(text) == ["s.yml:2: Anchors and aliases (&l0, *l0) are not allowed. Write the value again."])
    }

    @Test func nestingIsLimited() {
        func nested(_ levels: Int) -> [String] {
            let args = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
            return lines("schedules:\n  a:\n    every: 1m\n    type: x\n    args: \(args)\n")
        }
        #expect(nested(400).isEmpty)
        #expect(nested(600).first?.hasPrefix("s.yml:5: a: args is not valid JSON: more than 500 levels") == true)
        #expect(nested(100_000).first?.contains("nesting level") == true)
    }

    @Test func tooManySchedulesAreRefused() {
        func many(_ count: Int) -> [String] {
            lines("schedules:\n" + (1...count).map { "  s\($0): {every: 1m, type: x}\n" }.joined())
        }
        #expect(many(1000).isEmpty)
        #expect(many(1001) == ["s.yml:1: The file has 1001 schedules. Allowed: at most 1000."])
    }

    @Test(arguments: ["\n", "\r\n", "\r"]) func linesAreCountedWithEveryKindOfLineEnd(_ end: String) {
        let text = ["schedules:", "  a: {every: 1m, type: x}  # ä", "  \"a\":", "    type: x", "    overlap: no", ""]
        #expect(lines(text.joined(separator: end)).map { $0.prefix(9) } == ["s.yml:3: "])
        let nested = ["schedules:", "  a:", "    every: 1m", "    type: x", "    'type': y", "    overlap: no", ""]
        #expect(lines(nested.joined(separator: end)).map { $0.prefix(9) } == ["s.yml:5: ", "s.yml:6: "])
    }

    @Test func aFileThatCannotBeReadIsNamed() throws {
        let folder = try Scratch.directory()
        func problem(_ path: String) -> String? {
            do {
                _ = try ScheduleFile(path: path)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(
            problem(folder + "/none.yml")?.hasPrefix("none.yml: The file '\(folder)/none.yml' can't be opened.") == true
        )
        try Data([0x73, 0xE9]).write(to: URL(filePath: folder + "/latin.yml"))
        #expect(problem(folder + "/latin.yml") == "latin.yml: The file is not UTF-8. Save it in UTF-8.")
        let large = "schedules: {} #" + String(repeating: "x", count: 1 << 20)
        try Data(large.utf8).write(to: URL(filePath: folder + "/large.yml"))
        #expect(
            problem(folder + "/large.yml") == "large.yml: The file has more than 1048576 bytes, which is the limit.")
    }
}
