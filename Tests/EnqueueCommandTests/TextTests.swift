internal import Foundation
internal import Servers
internal import TestSupport
internal import Testing

/// Bytes that are not UTF-8, JSON that is none, and commands that do not exist are refused by name, with exit code 2.
@Suite struct TextTests {
    /// Runs a line of `sh`, which can pass any bytes; `$BIN` is the folder of the programs.
    private func sh(_ line: String, _ environment: [String: String] = [:]) async throws -> Child.Ending {
        // With no Redis to ask, only a refusal before the connection can end with 2.
        let base = ["REDIS_URL": "redis://127.0.0.1:1", "BIN": Child.products]
        return try await Child.run("sh", ["-c", line], environment: base.merging(environment) { $1 })
    }

    @Test(arguments: [
        #"add test.echo --key "$(printf 'caf\351')""#, #"add test.echo --args "$(printf '"\350"')""#,
        #"add "$(printf 'test.\377')""#, #"add test.echo --tenant "$(printf 'a\300\200')""#,
        #"status "$(printf 'default.\355\240\200')""#, #"add test.echo --args "@$(printf '/tmp/\351.json')""#,
    ])
    func anArgumentThatIsNotUTF8(_ arguments: String) async throws {
        let ending = try await sh("exec $BIN/enqueue " + arguments)
        #expect(ending.code == 2)
        #expect(ending.errors.hasPrefix("enqueue: argument "), "\(ending.errors)")
        #expect(ending.errors.contains("is not UTF-8"))
        #expect(ending.errors.split(separator: "\n").count == 1)
    }

    @Test func theWorkerRefusesThemToo() async throws {
        let argument = try await sh(#"exec $BIN/worker run --queues "$(printf 'caf\351')""#)
        #expect(argument.code == 2)
        #expect(argument.errors.contains("argument 3 is not UTF-8: 'caf\u{FFFD}'"), "\(argument.errors)")
        let variable = try await sh(#"PACKHORSE_QUEUES="$(printf 'caf\351')" exec $BIN/worker config check"#)
        #expect(variable.code == 2)
        #expect(variable.errors.contains("PACKHORSE_QUEUES is not UTF-8"), "\(variable.errors)")
    }

    @Test func aVariableThatIsNotUTF8() async throws {
        let read = try await sh(#"REDIS_URL="$(printf 'redis://:hunter2\351@h')" exec $BIN/enqueue stats"#)
        #expect(read.code == 2)
        #expect(read.errors.contains("REDIS_URL is not UTF-8"), "\(read.errors)")
        #expect(!read.errors.contains("hunter2"))
        let other = try await sh(#"SOMEBODY="$(printf '\351')" exec $BIN/enqueue stats"#)
        #expect(other.code == 3, "what is not read does no harm")
    }

    @Test(arguments: [
        #"{"a":1,}"#, "[1,2,]", "01", ".5", "+1", "1e", "NaN", #"{"a":1} //c"#, "{}{}", #""\x41""#, #""\u12""#, "nulll",
    ])
    func argumentsThatAreNoJSON(_ json: String) async throws {
        let ending = try await Child.run(
            Child.products + "/enqueue", ["add", "test.echo", "--args", json],
            environment: ["REDIS_URL": "redis://127.0.0.1:1"])
        #expect(ending.code == 2)
        #expect(ending.errors.hasPrefix("enqueue: --args: the value is not valid JSON in UTF-8: "), "\(ending.errors)")
    }

    @Test func standardInputAndFilesThatAreNotUTF8() async throws {
        let file = try Scratch.directory() + "/a.json"
        try Data([0x22, 0xE9, 0x22]).write(to: URL(filePath: file))
        for line in ["--args @\(file)", "--args - <\(file)"] {
            let ending = try await sh("exec $BIN/enqueue add test.echo " + line)
            #expect(ending.code == 2)
            #expect(ending.errors.contains("it is not UTF-8 at byte 1"), "\(ending.errors)")
        }
    }

    @Test(arguments: [
        ("enqueue ad test.echo", "Do you mean 'enqueue add'?"), ("enqueue statu default.a", "'enqueue status'?"),
        ("enqueue lst --state dead", "'enqueue list'?"), ("enqueue frobnicate", "has no command 'frobnicate'. See"),
        ("worker rn", "Do you mean 'worker run'?"), ("worker healthchek", "'worker healthcheck'?"),
        ("worker config chek", "Do you mean 'worker config check'?"),
    ])
    func aCommandThatDoesNotExist(_ line: String, _ hint: String) async throws {
        let ending = try await sh("exec $BIN/" + line)
        #expect(ending.code == 2)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.contains(hint), "\(ending.errors)")
    }

    @Test(.redis) func aFieldIsRefusedInTheWordsOfTheOtherDoors() async throws {
        for (arguments, message) in [
            (["--max-attempts", "0"], "The field 'maxAttempts' is '0'. Allowed: 1 to 1000."),
            (["--priority", "urgent"], "The field 'priority' is 'urgent'. Allowed: critical, high, default or low."),
            (["--type-version", "0"], "The field 'version' is '0'. Allowed: 1 to 1000000."),
            (
                ["--in", "1s", "--at", "2031-05-04T12:00:00Z"],
                "'delaySeconds' and 'runAt' exclude each other. Allowed: one of them."
            ),
        ] {
            let ending = try await EnqueueProgram().run(["add", "test.echo"] + arguments)
            #expect(ending.code == 2)
            #expect(ending.errors == "enqueue: \(message)\n")
        }
        let id = try await EnqueueProgram().add("proj.tasks.Add", "--type-version", "7")
        #expect(id.hasPrefix("default."))
    }
}
