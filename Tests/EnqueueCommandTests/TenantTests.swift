import Foundation
import TestSupport
import Testing

@Suite(.redis) struct TenantTests {
    @Test func termsAreSetShownAndRemoved() async throws {
        let enqueue = EnqueueProgram()
        let set = try await enqueue("tenant", "set", "acme", "--weight", "3", "--max-waiting", "2")
        #expect(set.output == "acme of default has weight 3, and at most 2 of its jobs may wait\n")
        let any = try await enqueue("tenant", "set", "*", "--json")
        #expect(any.output == #"{"tenant":"*","weight":1,"maxWaiting":null}"# + "\n")
        for _ in 0..<2 { _ = try await enqueue("add", "system.noop", "--tenant", "acme") }
        let list = try await enqueue("tenant", "list")
        #expect(list.lines.count == 3)
        #expect(list.lines.last?.split(separator: " ").map(String.init) == ["acme", "3", "2", "2"])
        let json = try await enqueue("tenant", "list", "--json").lines
        #expect(json.last == #"{"tenant":"acme","weight":3,"maxWaiting":2,"ready":2}"#)
        #expect(try await enqueue("tenant", "remove", "acme").code == 0)
        #expect(try await enqueue("tenant", "list").lines.last?.hasSuffix("2") == true, "its jobs still wait")
    }

    @Test func aJobBeyondACapIsRefusedWithACodeOfItsOwn() async throws {
        let enqueue = EnqueueProgram()
        _ = try await enqueue("tenant", "set", "acme", "--max-waiting", "1")
        #expect(try await enqueue("add", "system.noop", "--tenant", "acme").code == 0)
        let refused = try await enqueue("add", "system.noop", "--tenant", "acme")
        #expect(refused.code == 5)
        #expect(refused.errors.contains("as many jobs of tenant 'acme' wait as may (1)"), "\(refused.errors)")
        #expect(try await enqueue("add", "system.noop", "--tenant", "other").code == 0)
        _ = try await enqueue("config", "set", "default", "maxWaiting", "2")
        #expect(try await enqueue("add", "system.noop").code == 5)
    }

    @Test(arguments: [["set", "a", "--weight", "0"], ["set", "a", "--max-waiting", "0"], ["set", ""], ["set"]])
    func whatIsOutOfRangeIsRefused(arguments: [String]) async throws {
        #expect(try await EnqueueProgram().run(["tenant"] + arguments).code == 2)
    }
}
