internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.redis) struct JobTests {
    @Test func waitAndResultOfAJobThatSucceeds() async throws {
        let enqueue = EnqueueProgram()
        try await enqueue.withWorker { () async throws in
            let added = try await enqueue("add", "test.echo", "--args", #"{"n":1}"#, "--wait")
            #expect(added.code == 0)
            let id = try #require(added.lines.first)
            #expect(added.lines == [id, "\(id) succeeded", #"{"n":1}"#])
            #expect(added.errors.isEmpty)

            let waited = try await enqueue("wait", id, "--timeout", "10s", "--json")
            let job = try object(waited.output)
            #expect(waited.code == 0)
            #expect(Set(job.keys) == jobKeys)
            #expect(job["state"] as? String == "succeeded")

            let result = try await enqueue("result", id)
            #expect(result.code == 0)
            #expect(result.output == #"{"n":1}"# + "\n")
            let all = try object(try await enqueue("result", id, "--json").output)
            #expect(Set(all.keys) == ["id", "state", "result", "error"])

            let json = try await enqueue("add", "test.echo", "--wait", "--json")
            #expect(json.lines.count == 1)
            #expect(try object(json.output)["state"] as? String == "succeeded")

            let many = try await enqueue("add", "test.echo", "--count", "30", "--wait", "--json")
            #expect(many.code == 0)
            #expect(many.lines.count == 30)
        }
    }

    @Test func aJobThatFailsEndsWithOne() async throws {
        let enqueue = EnqueueProgram()
        try await enqueue.withWorker { () async throws in
            let added = try await enqueue("add", "test.fail", "--wait")
            let id = try #require(added.lines.first)
            #expect(added.code == 1)
            #expect(added.lines.last == "\(id) dead")
            #expect(added.errors.contains("no luck"))
            #expect(added.errors.contains("enqueue retry \(id)"))
            #expect(try await enqueue("wait", id).code == 1)
            let result = try await enqueue("result", id)
            #expect(result.code == 1)
            #expect(result.output.isEmpty)
            let status = try await enqueue("status", id, "--json")
            let error = try object(status.output)["error"] as? [String: Any]
            #expect(status.code == 0)
            #expect(Set((error ?? [:]).keys) == ["type", "message", "retryable"])
            #expect(try await enqueue("add", "test.fail", "--count", "3", "--wait").code == 1)
        }
    }

    @Test func whatAJobSaysOfItsFailureDoesNothingToATerminal() async throws {
        let enqueue = EnqueueProgram()
        try await enqueue.withWorker { () async throws in
            let added = try await enqueue("add", "test.escape", "--wait")
            #expect(added.code == 1)
            #expect(added.errors.contains(" ]0;title  in 31mred"), "\(added.errors)")
            let id = added.lines.first ?? ""
            for ending in [added, try await enqueue("result", id), try await enqueue("status", id)] {
                #expect(!(ending.output + ending.errors).contains { "\u{1B}\u{7}\u{9B}".contains($0) })
            }
        }
    }

    @Test func aWaitThatTimesOutEndsWithCodeFour() async throws {
        let enqueue = EnqueueProgram()
        let id = try await enqueue.add("test.echo")
        let waited = try await enqueue("wait", id, "--timeout", "200ms")
        #expect(waited.code == 4)
        #expect(waited.errors.contains("still queued"))
        #expect(try await enqueue("result", id).code == 4)
    }

    @Test func anUnknownJob() async throws {
        let enqueue = EnqueueProgram()
        let status = try await enqueue("status", "default.never", "--json")
        #expect(status.code == 0)
        #expect(try object(status.output)["state"] as? String == "unknown")
        for command in ["wait", "result", "cancel", "retry"] {
            #expect(try await enqueue(command, "default.never").code == 1, "\(command)")
        }
    }

    @Test func cancelAndRetry() async throws {
        let enqueue = EnqueueProgram()
        let id = try await enqueue.add("test.echo")
        let cancelled = try await enqueue("cancel", id, "--json")
        #expect(cancelled.code == 0)
        #expect(cancelled.output == #"{"before":"queued","id":"\#(id)"}"# + "\n")
        let again = try await enqueue("cancel", id)
        #expect(again.code == 1)
        #expect(again.errors.contains("is already cancelled"))
        #expect(try await enqueue("wait", id).code == 1)

        let retried = try await enqueue("retry", id, "--json")
        #expect(retried.code == 0)
        #expect(retried.output == #"{"id":"\#(id)","state":"queued"}"# + "\n")
        let twice = try await enqueue("retry", id)
        #expect(twice.code == 1)
        #expect(twice.errors.contains("is queued"))
    }

    @Test func cancelARunningJob() async throws {
        let enqueue = EnqueueProgram()
        try await enqueue.withWorker { () async throws in
            let id = try await enqueue.add("test.sleep")
            while !(try await enqueue("list", "--state", "running").output.contains(id)) {}
            #expect(try await enqueue("cancel", id).output == "\(id) running; its worker has been told\n")
            let waited = try await enqueue("wait", id, "--timeout", "10s")
            #expect(waited.code == 1)
            #expect(waited.output.hasPrefix("\(id) cancelled"))
        }
    }
}
