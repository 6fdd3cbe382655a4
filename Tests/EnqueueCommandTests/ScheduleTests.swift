internal import Foundation
internal import Servers
internal import TestSupport
internal import Testing

@Suite(.redis) struct ScheduleTests {
    private let enqueue = EnqueueProgram()

    private func file(_ text: String) throws -> String {
        let path = try Scratch.directory() + "/s.yml"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// The only schedule of this name, as `list --json` prints it.
    private func listed(_ name: String) async throws -> [String: Any] {
        let lines = try await enqueue("schedule", "list", "--json").lines.map { try object($0) }
        return try #require(lines.first { $0["name"] as? String == name }, "\(lines)")
    }

    @Test func aScheduleIsAddedChangedListedAndRemoved() async throws {
        let add = ["schedule", "add", "cards", "--type", "test.echo", "--queue", "ocr", "--args", #"{"n":1}"#]
        #expect(try await enqueue.run(add + ["--every", "15m"]).output == "cards of ocr: added\n")
        #expect(try await enqueue.run(add + ["--every", "15m"]).output == "cards of ocr: as before\n")
        let changed = try await enqueue.run(
            add + ["--every", "15m", "--overlap", "skip", "--jitter", "30s", "--pause-after", "3", "--json"])
        #expect(changed.output == #"{"change":"changed","queue":"ocr","schedule":"cards"}"# + "\n")

        let schedule = try await listed("cards")
        #expect(schedule["queue"] as? String == "ocr")
        #expect(schedule["every"] as? String == "15m")
        #expect(schedule["overlap"] as? String == "skip")
        #expect(schedule["jitter"] as? String == "30s")
        #expect(schedule["pauseAfterFailures"] as? Int == 3)
        #expect((schedule["args"] as? [String: Int]) == ["n": 1])
        #expect(schedule["source"] as? String == "")
        #expect(schedule["nextTick"] is String)
        let list = try await enqueue("schedule", "list")
        #expect(list.lines.count == 2)
        #expect(list.lines.last?.hasPrefix("cards") == true)
        #expect(list.lines.last?.contains("every 15m") == true)
        #expect(try await enqueue("stats").output.contains("schedules of ocr: 1, no tick is overdue\n"))

        #expect(try await enqueue("schedule", "remove", "cards").output == "cards of ocr is removed\n")
        let again = try await enqueue("schedule", "remove", "cards")
        #expect(again.code == 1)
        #expect(again.errors.contains("no queue has a schedule 'cards'; `enqueue schedule list` shows all schedules"))
        #expect(try await enqueue("schedule", "list").errors == "there is no schedule\n")
    }

    @Test func aScheduleIsPausedAndResumed() async throws {
        _ = try await enqueue("schedule", "add", "s", "--cron", "0 3 * * *", "--type", "test.echo")
        #expect(try await enqueue("schedule", "pause", "s").output == "s is paused\n")
        #expect(try await enqueue("schedule", "pause", "s").output == "s is paused, as before\n")
        let paused = try await listed("s")
        #expect(paused["paused"] as? String == "operator")
        #expect(paused["nextTick"] == nil)
        #expect(try await enqueue("schedule", "next", "s").errors == "'s' is paused: these ticks make no jobs\n")
        #expect(
            try await enqueue("schedule", "resume", "s", "--json").output
                == #"{"changed":true,"paused":false,"queue":"default","schedule":"s"}"# + "\n")
        let resumed = try await listed("s")
        #expect(resumed["paused"] == nil)
        #expect((resumed["nextTick"] as? String)?.hasSuffix("T03:00:00.000Z") == true)
    }

    @Test func aRunObeysTheOverlapRule() async throws {
        _ = try await enqueue("schedule", "add", "s", "--every", "1d", "--type", "test.echo", "--overlap", "buffer-one")
        let first = try await enqueue("schedule", "run", "s")
        #expect(first.code == 0)
        let parts = first.output.split { $0 == " " || $0 == "\n" }.map(String.init)
        #expect(parts.count == 2)
        #expect(parts.first?.hasPrefix("default.cron:s:run-") == true)
        #expect(parts.last == "started")
        #expect(try object(try await enqueue("status", parts[0], "--json").output)["state"] as? String == "queued")

        let second = try object(try await enqueue("schedule", "run", "s", "--json").output)
        #expect(Set(second.keys) == ["id", "outcome", "queue", "schedule"])
        #expect(second["outcome"] as? String == "buffered")
        let third = try await enqueue("schedule", "run", "s")
        #expect(third.code == 1)
        #expect(third.output.isEmpty)
        #expect(
            third.errors.contains("A job of the schedule 's' has not ended, and its overlap rule makes no other one"))
        #expect(try await listed("s")["skipped"] as? Int == 1)
    }

    @Test func aNameInSeveralQueuesNeedsTheQueue() async throws {
        for queue in ["a", "b"] {
            _ = try await enqueue("schedule", "add", "s", "--every", "1d", "--type", "test.echo", "--queue", queue)
        }
        let unclear = try await enqueue("schedule", "pause", "s")
        #expect(unclear.code == 2)
        #expect(unclear.errors.contains("several queues have a schedule 's': a, b. Name the queue."))
        #expect(try await enqueue("schedule", "remove", "s", "--queue", "b").code == 0)
        #expect(try await enqueue("schedule", "remove", "s", "--queue", "b").code == 1)
        #expect(try await listed("s")["queue"] as? String == "a")
    }

    @Test func aFileIsSynchronized() async throws {
        let path = try file("schedules:\n  a: {every: 1d, type: x}\n  b: {every: 1d, type: x, queue: ocr}\n")
        _ = try await enqueue("schedule", "add", "mine", "--every", "1d", "--type", "x")
        let first = try await enqueue("schedule", "add", "--file", path)
        #expect(first.output == "a: added\nb: added\n2 schedules of s.yml are in place, 0 as before\n")
        #expect(try await listed("b")["source"] as? String == "s.yml")
        #expect(
            try await enqueue("schedule", "add", "--file", path, "--json").output
                == #"{"added":[],"changed":[],"removed":[],"same":["a","b"]}"# + "\n")
        // Whoever changes a schedule of the file takes it away from the file.
        _ = try await enqueue("schedule", "add", "a", "--every", "2d", "--type", "x")
        try Data("schedules:\n  c: {every: 1d, type: x}\n".utf8).write(to: URL(filePath: path))
        let second = try await enqueue("schedule", "add", "--file", path)
        #expect(second.output == "c: added\nb: removed\n1 schedules of s.yml are in place, 0 as before\n")
        let names = try await enqueue("schedule", "list", "--json").lines.map { try object($0)["name"] as? String }
        #expect(names == ["a", "c", "mine"])
    }

    @Test func aTickThatMadeNoJobIsShown() async throws {
        _ = try await enqueue("schedule", "add", "s", "--every", "1s", "--type", "test.echo")
        try await Scratch.wait("an overdue tick") {
            try await enqueue("stats").output.contains("schedules of default: 1, 1 overdue by up to ")
        }
    }

    @Test(arguments: [
        (["add"], "Give the schedule's name, or --file FILE."),
        (["add", "s"], "The field 'cron' is missing. Allowed: cron or every"),
        (["add", "s"], "The field 'type' is missing."), (["add", "s s"], "The field 'name' is 's s'."),
        (["add", "s", "--cron", "* * * *"], "The field 'cron' is '* * * *'. Allowed: "),
        (["add", "s", "--every", "1h", "--zone", "UTC"], "'zone' and 'every' exclude each other."),
        (["add", "s", "--every", "1h", "--type", "x", "--overlap", "no"], "The field 'overlap' is 'no'."),
        (["add", "s", "--every", "1h", "--type", "x", "--args", "{"], "--args: the value is not valid JSON"),
        (["add", "s", "--file", "f"], "--file FILE takes no name and no other option"),
        (["add", "--file", "/none/s.yml"], "s.yml: The file '/none/s.yml' can't be opened."),
        (["next"], "Give either the name of a schedule, or --cron or --every."),
        (["next", "s", "--cron", "* * * * *"], "Give either the name of a schedule"),
        (["next", "s", "--count", "0"], "--count 0: use 1 to 1000."),
        (["next", "--cron", "0 0 30 2 *"], "The field 'cron' is '0 0 30 2 *'. Allowed: "),
        (["lst"], "Do you mean 'enqueue schedule list'?"),
    ])
    func itIsRefusedByName(_ arguments: [String], _ message: String) async throws {
        // With no Redis to ask, only a refusal before the connection can end with 2.
        let ending = try await enqueue.run(
            ["schedule"] + arguments, environment: ["REDIS_URL": "redis://127.0.0.1:1"])
        #expect(ending.code == 2)
        #expect(ending.errors.contains(message), "\(ending.errors)")
        #expect(ending.errors.split(separator: "\n").count == 1)
    }
}

/// What needs no Redis.
@Suite struct ScheduleTextTests {
    private func run(_ arguments: String...) async throws -> Child.Ending {
        try await Child.run(
            Child.products + "/enqueue", ["schedule"] + arguments, environment: ["REDIS_URL": "redis://127.0.0.1:1"])
    }

    @Test func theNextTicksComeInUTCAndOnTheClocksOfTheZone() async throws {
        let ticks = try await run("next", "--cron", "0 12 * * *", "--zone", "Asia/Kolkata", "--count", "3")
        #expect(ticks.code == 0)
        #expect(ticks.lines.count == 3)
        for line in ticks.lines {
            #expect(line.wholeMatch(of: #/\S+T06:30:00\.000Z  \S+T12:00:00\+05:30 Asia/Kolkata/#) != nil, "\(line)")
        }
        let json = try await run("next", "--every", "1h", "--json")
        #expect(json.lines.count == 5)
        for line in json.lines { #expect(try Set(object(line).keys) == ["local", "utc", "zone"]) }
    }

    @Test func aFileIsChecked() async throws {
        let path = try Scratch.directory() + "/s.yml"
        try Data("schedules:\n  a: {every: 1d, type: x}\n  b: {cron: 0 3 * * *, type: x}\n".utf8)
            .write(to: URL(filePath: path))
        let fine = try await run("check", path)
        #expect(fine.code == 0)
        #expect(fine.lines.first == "s.yml: 2 schedules, no mistakes")
        #expect(fine.lines.count == 4)
        #expect(fine.lines.last?.contains("T03:00:00.000Z") == true)
        let json = try await run("check", path, "--json")
        #expect(json.lines.count == 2)
        for line in json.lines { #expect(try Set(object(line).keys) == ["nextTick", "queue", "schedule"]) }
    }

    @Test func everyMistakeOfAFileIsPrinted() async throws {
        let path = try Scratch.directory() + "/s.yml"
        try Data("schedules:\n  a: {every: 1d}\n  b:\n    cron: 0 3 * *\n    type: x\n".utf8)
            .write(to: URL(filePath: path))
        let wrong = try await run("check", path)
        #expect(wrong.code == 2)
        #expect(wrong.lines.count == 2)
        #expect(wrong.lines.first?.hasPrefix("s.yml:2: a: The field 'type' is missing.") == true)
        #expect(wrong.lines.last?.hasPrefix("s.yml:4: b: The field 'cron' is '0 3 * *'.") == true)
        #expect(wrong.errors == "enqueue: s.yml has 2 mistakes.\n")
        let json = try await run("check", path, "--json")
        #expect(json.code == 2)
        let found = try json.lines.map { try object($0) }
        #expect(found.map { $0["line"] as? Int } == [2, 4])
        #expect(found.map { $0["schedule"] as? String } == ["a", "b"])
        // The same as one line where a file is only part of what is asked.
        let add = try await run("add", "--file", path)
        #expect(add.code == 2)
        #expect(add.errors.split(separator: "\n").count == 1)
        #expect(add.errors.contains("s.yml:4: b: "))
    }
}
