internal import Foundation
internal import Servers
internal import TestSupport
internal import Testing

@Suite(.redis, .timeLimit(.minutes(3))) struct SignalTests {
    private let enqueue = EnqueueProgram()

    private func awaiting(_ id: String) async throws {
        try await Scratch.wait("the job to wait") {
            try object(try await enqueue("status", id, "--json").output)["waitsFor"] as? String == "signal:go"
        }
    }

    @Test func aSignalResumesAWaitingJob() async throws {
        try await enqueue.withWorker {
            let id = try await enqueue.add("test.await")
            try await awaiting(id)
            #expect(try await enqueue("list", "--state", "scheduled").output.contains(id))
            #expect(try await enqueue("stats").output.contains("1 await a signal"))
            #expect(try await enqueue("signal", "go", "--payload", "-7").output == "go: 1 job resumed\n")
            #expect(try await enqueue("wait", id, "--timeout", "30s").code == 0)
            #expect(try await enqueue("result", id).output == "-7\n")
            #expect(try await enqueue("signal", "go", "--json").output == #"{"name":"go","resumed":0}"# + "\n")
        }
    }

    @Test func aPayloadComesFromStandardInputForOneJob() async throws {
        try await enqueue.withWorker {
            let id = try await enqueue.add("test.await")
            try await awaiting(id)
            let sent = try await enqueue(
                "signal", "go", "--job", id, "--payload", "-", input: Array(#"{"by":"ada"}"#.utf8))
            #expect(sent.output == "go: 1 job resumed\n")
            #expect(try await enqueue("wait", id, "--timeout", "30s").code == 0)
            #expect(try await enqueue("result", id).output == #"{"by":"ada"}"# + "\n")
        }
    }

    @Test func aSignalForAnUnknownJobFails() async throws {
        let sent = try await enqueue("signal", "go", "--job", "default.nobody")
        #expect(sent.code == 1)
        #expect(sent.errors.contains("default.nobody is unknown"))
    }

    @Test(arguments: [
        (["go", "--keep", "31d"], "'keepSeconds'"),
        (["go", "--payload", "{"], "--payload: the value is not valid JSON"),
        ([""], "'name'"), (["go", "--queue", "A"], "queue"),
        (["go", "--queue", "a", "--job", "b.c"], "exclude each other"),
    ])
    func aWrongValueIsRefused(_ arguments: [String], _ message: String) async throws {
        let sent = try await enqueue.run(["signal"] + arguments)
        #expect(sent.code == 2)
        #expect(sent.errors.contains(message), "\(sent.errors)")
    }
}
