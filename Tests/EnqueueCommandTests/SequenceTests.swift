internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.redis) struct SequenceTests {
    private let enqueue = EnqueueProgram()

    @Test func jobsOfASequenceAreShownAndGoOn() async throws {
        let first = try await enqueue.add("test.noop", "--sequence", "a b")
        let second = try await enqueue.add("test.noop", "--sequence", "a b", "--after-dead", "goOn")
        let shown = try object(try await enqueue("status", second, "--json").output)
        #expect(shown["waitsFor"] as? String == "sequence:a%20b")
        #expect(shown["blockedBy"] as? String == first)
        #expect(try await enqueue("status", second).output.contains("behind    \(first)"))
        #expect(try await enqueue("sequence", "show", "a b").output.contains("1 jobs wait for this one"))
        let listed = try object(try await enqueue("sequence", "list", "--json").output)
        #expect(listed["key"] as? String == "a%20b")
        #expect(listed["blocker"] as? String == first)
        #expect(listed["halted"] as? Bool == false)
        #expect(try await enqueue("sequence", "resume", "a b").output.contains("was not halted"))
        _ = try await enqueue("cancel", first)
        let next = try object(try await enqueue("sequence", "show", "a b", "--json").output)
        #expect(next["blocker"] as? String == second)
    }

    @Test func whatIsNotThereIsNamed() async throws {
        let missing = try await enqueue("sequence", "resume", "none")
        #expect(missing.code == 1)
        #expect(missing.errors.contains("in a sequence 'none'"))
        #expect(try await enqueue("add", "test.noop", "--after-dead", "halt").code == 2)
        #expect(try await enqueue("add", "test.noop", "--sequence", "k", "--after-dead", "stop").code == 2)
        #expect(try await enqueue("sequence", "list").errors.contains("no job of default is in a sequence"))
    }
}
