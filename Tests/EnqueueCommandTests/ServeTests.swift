internal import Foundation
internal import Glibc
internal import Servers
internal import TestSupport
internal import Testing

@Suite(.redis) struct ServeTests {
    /// The program, serving on a free port, and the URL that it has printed.
    private func serve(_ environment: [String: String] = [:]) async throws -> (child: Child, url: String) {
        let child = try Child(
            Child.products + "/enqueue", ["serve", "--port", "0", "--json"],
            environment: ["REDIS_URL": RedisServer.current.address].merging(environment) { $1 })
        try await Scratch.wait("the server to listen") { child.output.contains("\n") }
        return (child, try #require(try object(child.output)["url"] as? String))
    }

    private func get(_ url: String) async throws -> Child.Ending {
        let program = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
        return try await Child.run("python3", ["-c", program, url])
    }

    private static let example = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/python/enqueue_and_poll.py").path

    @Test func thePythonExampleGetsItsResult() async throws {
        let token = "correct-horse-battery"
        let (child, url) = try await serve(["PACKHORSE_API_TOKEN": token])
        let environment = ["PACKHORSE_URL": url, "PACKHORSE_API_TOKEN": token]
        try await EnqueueProgram().withWorker { () async throws in
            let good = try await Child.run(
                "python3", [Self.example, "test.echo", #"{"n": 1}"#], environment: environment)
            #expect(good.code == 0, "\(good.errors)")
            #expect(good.output == "{\"n\": 1}\n", "\(good.errors)")
            let bad = try await Child.run("python3", [Self.example, "test.fail"], environment: environment)
            #expect(bad.code == 1, "\(bad.errors)")
            #expect(bad.output.contains("no luck"), "\(bad.errors)")
        }
        let refused = try await Child.run("python3", [Self.example, "test.echo"], environment: ["PACKHORSE_URL": url])
        #expect(refused.code == 1)
        #expect(refused.errors.contains("401"))
        child.signal(SIGTERM)
        let ending = await child.end()
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(!ending.errors.contains(token))
    }

    @Test func waitingClientsAreAnsweredWhenItStops() async throws {
        let (child, url) = try await serve()
        let id = try await EnqueueProgram().add("test.echo")
        let waiting = Task {
            try await get("\(url)/v1/jobs/\(id)?wait=60")
        }
        try await Scratch.wait("the request to wait") {
            try await get("\(url)/metrics").output.contains("\npackhorse_http_waiting 1\n")
        }
        child.signal(SIGTERM)
        // Left to wait, it would get no answer: the server's own patience ends after ten seconds.
        let answer = try await waiting.value
        #expect(answer.code == 0, "\(answer)")
        #expect(answer.output.contains(#""state":"queued""#), "\(answer)")
        let ending = await child.end()
        #expect(ending.code == 0)
        #expect(ending.errors.contains("only this machine is served"))
    }

    /// Each connection is an open file, and a shell's limit is often 1024.
    @Test func itMayOpenMoreFilesThanAShellLetsIt() async throws {
        let child = try Child(
            "sh", ["-c", "ulimit -Sn 200; exec \(Child.products)/enqueue serve --port 0 --json"],
            environment: ["REDIS_URL": RedisServer.current.address])
        try await Scratch.wait("the server to listen") { child.output.contains("\n") }
        let limits = try String(contentsOfFile: "/proc/\(child.pid)/limits", encoding: .utf8)
        child.signal(SIGTERM)
        _ = await child.end()
        let files = try #require(limits.firstMatch(of: /Max open files +(\d+) +(\d+)/))
        #expect(Int(files.1) == min(Int(files.2) ?? .max, 65_536))
    }

    @Test func aPortThatIsTaken() async throws {
        let (taken, port) = try Scratch.listen()
        defer { close(taken) }
        let ending = try await EnqueueProgram()("serve", "--port", "\(port)")
        #expect(ending.code == 2)
        #expect(ending.errors.hasPrefix("enqueue: the API can't listen on 127.0.0.1:\(port): Address already in use."))
    }

    @Test func anUnknownHostIsRefusedWithCodeTwo() async throws {
        let ending = try await EnqueueProgram()(
            "serve", "--host", "nosuch.invalid", "--port", "0", environment: ["PACKHORSE_API_TOKEN": "0123456789abcdef"]
        )
        #expect(ending.code == 2)
        #expect(ending.errors.hasPrefix("enqueue: the API can't listen on nosuch.invalid:0: "))
        #expect(ending.errors.contains("Choose another"))
        #expect(!ending.errors.contains("SocketAddressError"))
    }

    @Test func anotherHostNeedsAToken() async throws {
        let ending = try await EnqueueProgram()("serve", "--host", "0.0.0.0", "--port", "0")
        #expect(ending.code == 2)
        #expect(ending.errors.contains("PACKHORSE_API_TOKEN"))
        let short = try await EnqueueProgram()("serve", environment: ["PACKHORSE_API_TOKEN": "hunter2"])
        #expect(short.code == 2)
        #expect(!short.errors.contains("hunter2"))
    }
}
