internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.redis) struct AddTests {
    @Test func addPrintsTheIdAndStatusShowsTheOptions() async throws {
        let enqueue = EnqueueProgram()
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let id = try await enqueue.add(
            "test.echo", "--args", #"{"a":1.10}"#, "--queue", "ocr", "--priority", "high", "--in", "1h", "--expires",
            "2h",
            "--max-attempts", "7", "--timeout", "5m", "--tenant", "acme", "--traceparent", trace)
        #expect(id.hasPrefix("ocr."))

        let status = try await enqueue("status", id, "--json")
        let job = try object(status.output)
        #expect(Set(job.keys) == jobKeys)
        #expect(status.output.contains(#""args":{"a":1.10}"#))
        #expect(job["queue"] as? String == "ocr")
        #expect(job["type"] as? String == "test.echo")
        #expect(job["priority"] as? String == "high")
        #expect(job["state"] as? String == "scheduled")
        #expect(job["maxAttempts"] as? Int == 7)
        #expect(job["tenant"] as? String == "acme")
        #expect(job["traceparent"] as? String == trace)
        #expect(job["runAt"] is String)
        #expect(job["expiresAt"] is String)

        let text = try await enqueue("status", id)
        #expect(text.code == 0)
        #expect(text.lines.first == "\(id) scheduled")
    }

    @Test func addAtATime() async throws {
        let enqueue = EnqueueProgram()
        let id = try await enqueue.add("test.echo", "--at", "2031-05-04T12:00:00.250Z")
        let job = try object(try await enqueue("status", id, "--json").output)
        #expect(job["runAt"] as? String == "2031-05-04T12:00:00.250Z")
    }

    @Test func jsonOfAddSaysWhetherItWasStored() async throws {
        let enqueue = EnqueueProgram()
        let first = try object(try await enqueue("add", "test.echo", "--key", "k 1", "--json").output)
        let second = try object(try await enqueue("add", "test.echo", "--key", "k 1", "--json").output)
        #expect(Set(first.keys) == ["id", "type", "queue", "stored"])
        #expect(first["stored"] as? Bool == true)
        #expect(second["stored"] as? Bool == false)
        #expect(first["id"] as? String == second["id"] as? String)
        let otherType = try object(try await enqueue("add", "test.fail", "--key", "k 1", "--json").output)
        #expect(otherType["id"] as? String == first["id"] as? String)
        #expect(otherType["type"] as? String == "test.echo")

        let third = try await enqueue("add", "test.echo", "--key", "k 1")
        #expect(third.lines == [first["id"] as? String ?? ""])
        #expect(third.errors.hasPrefix("existing: "))
        #expect(third.code == 0)
        let other = try await enqueue("add", "test.echo", "--key", "k 2")
        #expect(other.errors.hasPrefix("stored: "))
        #expect(other.code == 0)
    }

    @Test func argumentsFromStandardInputAndFile() async throws {
        let enqueue = EnqueueProgram()
        let piped = try await enqueue("add", "test.echo", "--args", "-", input: Array(#"{"from":"pipe"}"#.utf8))
        #expect(try await enqueue("status", piped.lines.first ?? "", "--json").output.contains(#"{"from":"pipe"}"#))

        let negative = try await enqueue.add("test.echo", "--args", "-7")
        #expect(try await enqueue("status", negative, "--json").output.contains(#""args":-7,"#))
        let file = FileManager.default.temporaryDirectory.appending(path: "args-\(UUID().uuidString).json")
        try Data(#"{"from":"file"}"#.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let id = try await enqueue.add("test.echo", "--args", "@" + file.path)
        #expect(try await enqueue("status", id, "--json").output.contains(#"{"from":"file"}"#))

        let marked = try await enqueue(
            "add", "test.echo", "--args", "-", input: [0xEF, 0xBB, 0xBF] + Array("[1]".utf8))
        #expect(try await enqueue("status", marked.lines.first ?? "", "--json").output.contains(#""args":[1]"#))
        let wide = try await enqueue(
            "add", "test.echo", "--args", "-", input: Array("[1]".utf16).flatMap { [UInt8($0), 0] })
        #expect(wide.code == 2)
        #expect(wide.errors.contains("UTF-8"))

        let missing = try await enqueue("add", "test.echo", "--args", "@/nowhere/at/all.json")
        #expect(missing.code == 2)
        #expect(missing.errors.contains("'/nowhere/at/all.json'"))
    }

    @Test func argumentsThatAreNoJSONOrTooLargeAreRefusedBeforeAnythingIsSent() async throws {
        let enqueue = EnqueueProgram()
        // With no Redis to ask, only a refusal before the connection can end with 2.
        let nowhere = ["REDIS_URL": "redis://127.0.0.1:1"]
        let malformed = try await enqueue("add", "test.echo", "--args", "{nope", environment: nowhere)
        #expect(malformed.code == 2)
        #expect(malformed.errors.hasPrefix("enqueue: --args: "))
        #expect(malformed.errors.contains("not valid JSON"))
        #expect(malformed.errors.split(separator: "\n").count == 1)

        let large = Array("\"\(String(repeating: "x", count: 1 << 20))\"".utf8)
        let refused = try await enqueue("add", "test.echo", "--args", "-", input: large, environment: nowhere)
        #expect(refused.code == 2)
        #expect(refused.errors.contains("the limit is 1048576"))
        let endless = try await enqueue("add", "test.echo", "--args", "@/dev/zero", environment: nowhere)
        #expect(endless.code == 2)
        #expect(endless.errors.contains("has more than 1048576 bytes"))
        #expect(try await enqueue("stats", "--json").output == #"{"queues":[],"workers":[]}"# + "\n")

        let fits = Array("\"\(String(repeating: "x", count: (1 << 20) - 2))\"".utf8)
        #expect(try await enqueue("add", "test.echo", "--args", "-", input: fits).code == 0)
        let raised = try await enqueue(
            "add", "test.echo", "--args", "-", input: large, environment: ["PACKHORSE_PAYLOAD_LIMIT": "2MiB"])
        #expect(raised.code == 0, "\(raised.errors)")
    }

    @Test func manyAtOnce() async throws {
        let enqueue = EnqueueProgram()
        let few = try await enqueue("add", "test.echo", "--count", "1000")
        #expect(few.lines.count == 1000)
        #expect(Set(few.lines).count == 1000)
        let many = try await enqueue("add", "test.echo", "--count", "2500")
        #expect(many.lines.count == 1)
        #expect(many.output.hasPrefix("added 2500 jobs to default"))
        #expect(many.errors.isEmpty)
        let lines = try await enqueue("add", "test.echo", "--count", "1001", "--json")
        #expect(lines.lines.count == 1001)
        #expect(try Set(lines.lines.map { try object($0)["id"] as? String }).count == 1001)

        let stats = try object(try await enqueue("stats", "--json").output)
        let queue = try #require((stats["queues"] as? [[String: Any]])?.first)
        #expect(queue["queued"] as? Int == 4501)
    }

    @Test(arguments: [
        ["add"], ["add", "test.echo", "--bogus"], ["add", "Not A Type"], ["add", "test.echo", "--priority", "urgent"],
        ["add", "test.echo", "--in", "10"], ["add", "test.echo", "--in", "1s", "--at", "2031-05-04T12:00:00Z"],
        ["add", "test.echo", "--at", "tomorrow"],
        ["add", "test.echo", "--at", "2031-02-30T12:00:00Z"], ["add", "test.echo", "--count", "0"],
        ["add", "test.echo", "--count", "10000001"], ["add", "test.echo", "--count", "2", "--key", "k"],
        ["add", "test.echo", "--queue", "Not A Queue"], ["add", "test.echo", "--max-attempts", "0"], ["frobnicate"],
        ["status", "no-id"], ["wait"], ["list"], ["list", "--state", "unknown"],
        ["list", "--state", "dead", "--limit", "0"],
        ["retry"], ["retry", "--state", "dead"], ["purge", "--state", "succeeded", "--queue", "default"], ["pause"],
        ["top", "--count", "0"], ["serve", "--port", "65536"], ["serve", "--host", "0.0.0.0", "--port", "0"],
    ])
    func wrongUsageEndsWithTwoAndOneLine(_ arguments: [String]) async throws {
        let ending = try await EnqueueProgram().run(arguments)
        #expect(ending.code == 2)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.hasPrefix("enqueue: "), "\(ending.errors)")
        #expect(ending.errors.split(separator: "\n").count == 1, "\(ending.errors)")
    }

    @Test func helpHasAnExampleEverywhere() async throws {
        let enqueue = EnqueueProgram()
        for command in [
            "add", "status", "wait", "result", "cancel", "retry", "purge", "list", "pause", "resume", "stats", "top",
            "verify", "serve",
        ] {
            let help = try await enqueue(command, "--help")
            #expect(help.code == 0, "\(command)")
            #expect(help.output.contains("Example: "), "\(command)")
            #expect(help.output.contains("--json"), "\(command)")
        }
        #expect(try await enqueue("--version").code == 0)
    }
}
