internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.redis) struct LimitTests {
    private let enqueue = EnqueueProgram()

    @Test func limitsAreSetShownAndRemoved() async throws {
        let set = try await enqueue("limit", "set", "scryfall", "--every", "100ms", "--burst", "5", "--at-once", "2")
        #expect(set.output == "scryfall of default: every 100ms, burst of 5, 2 at once\n")
        let window = try await enqueue("limit", "set", "tenant:*", "--count", "60", "--per", "1m", "--json")
        #expect(
            window.output
                == #"{"key":"tenant:*","everySeconds":null,"burst":null,"count":60,"perSeconds":60.0,"atOnce":null,"#
                + #""maxWaiting":null}"# + "\n")
        let list = try await enqueue("limit", "list")
        #expect(list.lines.count == 3)
        #expect(list.lines.last?.hasPrefix("tenant:*") == true)
        #expect(list.lines.last?.contains("60 per 1m") == true)
        let first = try object(try #require(try await enqueue("limit", "list", "--json").lines.first))
        #expect(
            Set(first.keys) == [
                "key", "everySeconds", "burst", "count", "perSeconds", "atOnce", "maxWaiting", "running", "parked",
                "opensAt", "pausedUntil",
            ])
        #expect(first["everySeconds"] as? Double == 0.1)
        #expect(first["burst"] as? Int == 5)

        #expect(
            try await enqueue("limit", "remove", "scryfall").output == "scryfall of default has no limits of its own\n")
        #expect(try await enqueue("limit", "list").lines.count == 2)
        #expect(
            try await enqueue("limit", "list", "--queue", "ocr").errors == "no key of ocr has limits or waiting jobs\n")
    }

    @Test func setReplacesWhatWasSetBefore() async throws {
        _ = try await enqueue("limit", "set", "k", "--every", "1s", "--at-once", "2")
        _ = try await enqueue("limit", "set", "k", "--max-waiting", "7")
        let limit = try object(try #require(try await enqueue("limit", "list", "--json").lines.first))
        #expect(limit["maxWaiting"] as? Int == 7)
        #expect(limit["atOnce"] is NSNull)
        #expect(limit["everySeconds"] is NSNull)
    }

    @Test func jobsWithALimitWaitAndAreListedAndCounted() async throws {
        let id = try await enqueue.add("test.echo", "--limit", "a b", "--limit", "scryfall=3")
        let job = try object(try #require(try await enqueue("list", "--state", "queued", "--json").lines.first))
        #expect(job["id"] as? String == id)
        #expect(job["waitsFor"] as? String == "a%20b")
        let waiting = try object(try #require(try await enqueue("limit", "list", "--json").lines.first))
        #expect(waiting["key"] as? String == "a b")
        #expect(waiting["parked"] as? Int == 1)
        #expect(try await enqueue("limit", "list").output.contains("none of its own"))
        #expect(try await enqueue("stats").output.contains("1 wait for a limit or to be collected"))
        let stats = try object(try await enqueue("stats", "--json").output)
        #expect((stats["queues"] as? [[String: Any]])?.first?["parked"] as? Int == 1)
        #expect(try await enqueue("top", "--count", "1").output.contains("1 wait for a limit or to be collected"))
        try await enqueue.withWorker {
            let waited = try await enqueue("wait", id)
            #expect(waited.code == 0)
        }
        #expect(try await enqueue("limit", "list").errors == "no key of default has limits or waiting jobs\n")
    }

    @Test func aScheduleMayHaveLimits() async throws {
        let add = try await enqueue(
            "schedule", "add", "s", "--every", "1d", "--type", "test.echo", "--limit", "k", "--limit", "l=3")
        #expect(add.code == 0, "\(add.errors)")
        let list = try await enqueue("schedule", "list", "--json").output
        #expect(list.contains(#""limits":["k",{"key":"l","cost":3}]"#), "\(list)")
        let run = try object(try await enqueue("schedule", "run", "s", "--json").output)
        let job = try object(try await enqueue("status", try #require(run["id"] as? String), "--json").output)
        #expect(job["waitsFor"] as? String == "k")
    }

    @Test(arguments: [
        (["limit", "set", "k"], "Give a limit: --every, --count with --per, --at-once or --max-waiting."),
        (["limit", "set", "k", "--every", "1s", "--count", "1", "--per", "1m"], "--every excludes --count and --per"),
        (["limit", "set", "k", "--every", "1s", "--per", "1m"], "--every excludes --count and --per"),
        (["limit", "set", "k", "--count", "1"], "--count and --per go together"),
        (["limit", "set", "k", "--per", "1m"], "--count and --per go together"),
        (["limit", "set", "k", "--burst", "2"], "--burst needs --every."),
        (["limit", "set", "k", "--burst", "2", "--count", "1", "--per", "1m"], "--burst needs --every."),
        (["limit", "set", "k", "--every", "often"], "use a whole number and ms, s, m, h or d"),
        (["limit", "set"], "key"), (["limit", "lst"], "Do you mean 'enqueue limit list'?"),
        (["add", "test.echo", "--limit", "k=much"], "use KEY or KEY=COST with a whole number"),
        (["add", "test.echo", "--limit", ""], "The field 'limits' is '0 bytes'."),
        (["add", "test.echo", "--limit", "k=0"], "The field 'limits' is 'cost 0'. Allowed: costs from 1 to 1000000."),
        (["add", "test.echo", "--limit", "k", "--limit", "k=2"], "The field 'limits' is given twice."),
        (
            ["schedule", "add", "s", "--every", "1d", "--type", "x", "--limit", "k=0"],
            "The field 'limits' is 'cost 0'."
        ),
        (["schedule", "add", "--file", "f", "--limit", "k"], "--file FILE takes no name and no other option"),
    ])
    func whatDoesNotGoTogetherIsRefused(_ arguments: [String], _ message: String) async throws {
        // With no Redis to ask, only a refusal before the connection can end with 2.
        let ending = try await enqueue.run(arguments, environment: ["REDIS_URL": "redis://127.0.0.1:1"])
        #expect(ending.code == 2)
        #expect(ending.errors.contains(message), "\(ending.errors)")
        #expect(ending.errors.split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        (["--every", "0ms"], "The field 'everySeconds'"), (["--every", "2d"], "The field 'everySeconds'"),
        (["--every", "1s", "--burst", "0"], "The field 'burst'"), (["--at-once", "0"], "The field 'atOnce'"),
        (["--count", "0", "--per", "1m"], "The field 'count'"),
    ])
    func whatIsOutOfRangeIsRefusedByName(_ options: [String], _ message: String) async throws {
        let ending = try await enqueue.run(["limit", "set", "k"] + options)
        #expect(ending.code == 2)
        #expect(ending.errors.contains(message), "\(ending.errors)")
        #expect(try await enqueue("limit", "list").lines.isEmpty)
    }
}
