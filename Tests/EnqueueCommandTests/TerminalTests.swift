internal import Glibc
internal import Servers
internal import TestSupport
internal import Testing

@Suite(.redis) struct TerminalTests {
    /// Gives a program a terminal, and presses keys, or sends a signal, when it has drawn a screen. Says in the end
    /// whether the terminal still takes lines.
    private static let terminal = """
        import os, pty, sys, termios
        keys, program = sys.argv[1].encode(), sys.argv[2:]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(program[0], program)
        while True:
            try:
                output = os.read(terminal, 65536)
            except OSError:
                break
            sys.stdout.buffer.write(output)
            if keys and b"\\x1b[H" in output:
                if keys.isdigit():
                    os.kill(pid, int(keys))
                else:
                    os.write(terminal, keys)
                keys = b""
        print("takes lines:", bool(termios.tcgetattr(terminal)[3] & termios.ICANON), flush=True)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """

    private func onTerminal(_ arguments: [String], keys: String = "") async throws -> Child.Ending {
        try await Child.run(
            "python3", ["-c", Self.terminal, keys, Child.products + "/enqueue"] + arguments,
            environment: ["REDIS_URL": RedisServer.current.address])
    }

    @Test func theProgressOfAJobIsDrawn() async throws {
        try await EnqueueProgram().withWorker { () async throws in
            let added = try await onTerminal(["add", "test.progress", "--wait"])
            #expect(added.code == 0)
            #expect(added.output.contains("█"))
            #expect(added.output.contains("/60  pages"))
            #expect(added.output.contains(" succeeded"))
        }
    }

    @Test(arguments: ["q", "\u{3}"]) func aKeyEndsTop(_ key: String) async throws {
        _ = try await EnqueueProgram().add("test.echo")
        let top = try await onTerminal(["top"], keys: key)
        #expect(top.code == 0)
        #expect(top.output.contains("\u{1B}[H"))
        #expect(top.output.contains("default"))
        #expect(top.output.contains("takes lines: True"))
    }

    @Test(arguments: [SIGTERM, SIGHUP]) func aSignalEndsTopAndLeavesTheTerminalAsItWas(_ signal: Int32) async throws {
        let top = try await onTerminal(["top"], keys: "\(signal)")
        #expect(top.output.contains("takes lines: True"))
        #expect(top.code == 256 - signal)
    }
}
