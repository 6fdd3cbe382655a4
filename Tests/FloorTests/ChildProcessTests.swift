import Foundation
import Glibc
import Testing

@testable import Floor

@Suite(.timeLimit(.minutes(3))) struct ChildProcessTests {
    @Test func whatItWroteIsReturned() async throws {
        let output = try await shell("echo out; echo ' err' >&2").run()
        #expect(output == ChildOutput(bytes: Array("out\n".utf8), errors: "err"))
    }

    @Test func itSeesItsOwnEnvironmentAndNothingElse() async throws {
        setenv("PACKHORSE_TEST_SECRET", "open sesame", 1)
        defer { unsetenv("PACKHORSE_TEST_SECRET") }
        let child = ChildProcess(
            "env", environment: ["PATH": "/usr/bin:/bin", "GREETING": "hello"], secrets: ["TOKEN": "t"],
            directory: "/", limits: ChildLimits(time: .seconds(60)))
        let lines = String(decoding: try await child.run().bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.sorted() == ["GREETING=hello", "PATH=/usr/bin:/bin", "TOKEN=t"])
    }

    @Test func itStartsWhereItIsTold() async throws {
        try await withDirectory { directory in
            let output = try await shell("pwd -P", directory: directory).run()
            let place = String(decoding: output.bytes, as: UTF8.self)
            #expect(place.hasSuffix("/" + (directory as NSString).lastPathComponent + "\n"))
            let missing = directory + "/missing"
            await #expect(throws: ChildProcessError.noDirectory(program: "sh", directory: missing)) {
                try await shell("true", directory: missing).run()
            }
        }
    }

    @Test func aMissingProgramIsNamed() async throws {
        try await withDirectory { directory in
            await #expect(throws: ChildProcessError.notFound(program: "sh")) {
                try await shell("true", path: directory).run()
            }
        }
    }

    @Test func itLeadsAProcessGroupOfItsOwn() async throws {
        // The fifth word is the group of the one that reads it.
        let output = try await shell("echo $$; cut -d' ' -f5 /proc/self/stat").run()
        let words = String(decoding: output.bytes, as: UTF8.self).split(separator: "\n")
        try #require(words.count == 2)
        #expect(words[0] == words[1])
    }

    @Test func anExitCodeComesWithItsReason() async {
        await #expect(throws: ChildProcessError.exited(program: "sh", code: 3, message: "no light")) {
            try await shell("echo 'no light' >&2; exit 3").run()
        }
    }

    @Test func aSignalIsTold() async {
        await #expect(throws: ChildProcessError.signaled(program: "sh", signal: 15)) {
            try await shell("kill -TERM $$").run()
        }
    }

    @Test func moreOutputThanItsLimitEndsIt() async {
        await #expect(throws: ChildProcessError.outputTooLarge(program: "sh", limit: 10_000)) {
            try await shell("exec yes") { $0.output = 10_000 }.run()
        }
    }

    @Test func asMuchOutputAsItsLimitIsFine() async throws {
        let output = try await shell("head -c 10000 /dev/zero") { $0.output = 10_000 }.run()
        #expect(output.bytes.count == 10_000)
    }

    @Test func ofItsErrorsTheStartIsKept() async throws {
        let error = await #expect(throws: ChildProcessError.self) {
            try await shell("yes complaint | head -c 3000000 >&2; exit 3").run()
        }
        guard case .exited("sh", 3, let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.hasPrefix("complaint\ncomplaint"))
        #expect(message.utf8.count > 4_000)
        #expect(message.utf8.count <= ChildLimits.keptErrors)
    }

    @Test func moreMemoryThanItsLimitIsToldAsThat() async {
        await #expect(throws: ChildProcessError.outOfMemory(program: "sh", limit: 64 << 20)) {
            try await shell("exec dd if=/dev/zero of=/dev/null bs=300M count=1") { $0.memory = 64 << 20 }.run()
        }
    }

    @Test func moreProcessorTimeThanItsLimitIsToldAsThat() async {
        await #expect(throws: ChildProcessError.outOfCPU(program: "sh", seconds: 1)) {
            try await shell("while :; do :; done") { $0.cpuSeconds = 1 }.run()
        }
    }

    @Test func itsLimitsAreTheKernels() async throws {
        let output = try await shell("ulimit -v; ulimit -t; ulimit -c") {
            $0.memory = 512 << 20
            $0.cpuSeconds = 100
        }.run()
        #expect(String(decoding: output.bytes, as: UTF8.self) == "524288\n100\n0\n")
    }

    /// It and what it started hold the pipe: that ends when both have.
    private static let startsAnother = "exec 3>\"$1\"; sleep 600 & echo started >&3; wait"

    @Test func whenItsTimeIsUpItsWholeGroupIsKilled() async throws {
        try await withDirectory { directory in
            // On a busy machine its time may be over before it has started anything: then once more.
            var told = ""
            for _ in 1...20 where told.isEmpty {
                let pipe = try NamedPipe(in: directory)
                defer { pipe.close() }
                let error = ChildProcessError.timedOut(program: "sh", limit: .seconds(1))
                await #expect(throws: error) {
                    try await shell(Self.startsAnother, [pipe.path], time: .seconds(1)).run()
                }
                told = try await pipe.rest()
            }
            #expect(told == "started\n")
        }
    }

    @Test func whenItsTaskIsCancelledItsWholeGroupIsKilled() async throws {
        try await withDirectory { directory in
            let pipe = try NamedPipe(in: directory)
            defer { pipe.close() }
            let child = shell(Self.startsAnother, [pipe.path])
            let task = Task { try await child.run() }
            #expect(try await pipe.line() == "started\n")
            task.cancel()
            let result = await task.result
            #expect(throws: CancellationError.self) { try result.get() }
            #expect(try await pipe.rest() == "")
        }
    }

    @Test func aSecretItWroteIsTakenOut() async throws {
        let script = "echo \"no login with $TOKEN at $HOST\" >&2; exit $1"
        let secrets = ["TOKEN": "open sesame", "HOST": "open sesame street"]
        let output = try await shell(script, ["0"], secrets: secrets).run()
        #expect(output.errors == "no login with [redacted] at [redacted]")
        let error = await #expect(throws: ChildProcessError.self) {
            try await shell(script, ["1"], secrets: secrets).run()
        }
        #expect(error?.description == "sh failed with exit code 1: no login with [redacted] at [redacted]")
    }

    @Test func aSecretIsInNoTextOfAChild() {
        let child = shell("true", secrets: ["TOKEN": "open sesame"])
        var dumped = ""
        dump(child, to: &dumped)
        for text in ["\(child)", String(reflecting: child), dumped] {
            #expect(text.contains("sh"))
            #expect(!text.contains("sesame"))
        }
    }

    @Test func aSecretThatCrossesTheLimitIsTakenOutWhole() {
        let redaction = Redaction(of: ["", "sesame", "open sesame"])
        #expect(redaction.margin == 11)
        #expect(
            redaction.text(of: Array("say open sesame or sesame".utf8), limit: 100) == "say [redacted] or [redacted]")
        #expect(redaction.text(of: Array("say open sesame".utf8), limit: 6) == "say [redacted]")
        #expect(redaction.text(of: Array("say open".utf8), limit: 6) == "say op")
    }
}
