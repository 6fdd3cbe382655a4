internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.redis) struct UniqueTests {
    @Test func aKeyForATimeIsHeldAfterTheEnd() async throws {
        let enqueue = EnqueueProgram()
        let first = try await enqueue.add("test.echo", "--key", "k", "--key-for", "1h")
        _ = try await enqueue("cancel", first)
        let second = try await enqueue("add", "test.echo", "--key", "k", "--key-for", "1h")
        #expect(second.lines == [first])
        #expect(second.errors.hasPrefix("existing: "))
    }

    @Test func aKeyWhileWaitingForATimeIsFreeAfterTheEnd() async throws {
        let enqueue = EnqueueProgram()
        let options = ["add", "test.echo", "--key", "k", "--key-while", "waiting", "--key-for", "1h"]
        let first = try await enqueue.run(options).lines.first ?? ""
        #expect(try await enqueue.run(options).lines == [first])
        _ = try await enqueue("cancel", first)
        let third = try await enqueue.run(options)
        #expect(third.errors.hasPrefix("stored: "))
        #expect(third.lines != [first])
    }

    @Test func theLastOneOfADebounceReplacesTheOthers() async throws {
        let enqueue = EnqueueProgram()
        let options = ["add", "test.echo", "--debounce", "k", "--debounce-delay", "1h", "--debounce-max-wait", "2h"]
        let first = try await enqueue.run(options + ["--args", "1"])
        #expect(first.errors.hasPrefix("stored: "))
        let second = try await enqueue.run(options + ["--args", "2"])
        #expect(second.lines == first.lines)
        #expect(second.errors.hasPrefix("replaced: "))
        let job = try object(try await enqueue("status", first.lines.first ?? "", "--json").output)
        #expect(job["args"] as? Int == 2)
        #expect(job["state"] as? String == "scheduled")
        let added = try object(try await enqueue.run(options + ["--json"]).output)
        #expect(added["stored"] as? Bool == false)
    }

    @Test(arguments: [
        ["--key-while", "waiting"], ["--key-for", "1h"], ["--key", "k", "--key-while", "running"],
        ["--debounce", "k"], ["--debounce-delay", "1s"], ["--debounce-max-wait", "1s"],
        ["--debounce", "k", "--debounce-delay", "1s", "--key", "k"],
        ["--debounce", "k", "--debounce-delay", "1s", "--in", "1s"],
        ["--debounce", "k", "--debounce-delay", "2s", "--debounce-max-wait", "1s"],
        ["--debounce", "k", "--debounce-delay", "1s", "--count", "2"],
    ])
    func whatDoesNotFitIsRefused(options: [String]) async throws {
        let ending = try await EnqueueProgram().run(["add", "test.echo"] + options)
        #expect(ending.code == 2)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.split(separator: "\n").count == 1, "\(ending.errors)")
    }
}
