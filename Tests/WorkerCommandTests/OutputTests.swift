import Foundation
import Servers
import Testing

/// Output that nobody takes is an error, as it is of `enqueue`.
@Suite struct OutputTests {
    /// Runs the worker with a standard output that is full.
    ///
    /// - Returns: its exit status as `waitpid` gives it, and what it wrote to standard error.
    private func onFullDevice(_ arguments: [String]) async throws -> (status: Int32?, errors: String) {
        let folder = try Scratch.directory()
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = (tests as NSString).deletingLastPathComponent + "/worker"
        let worker = try ChildProcess(
            "sh",
            [
                "-c", #"exec env -i "$@" 2>"$0" >/dev/full"#, folder + "/log", "PATH=/usr/local/bin:/usr/bin:/bin",
                "PACKHORSE_HOME=\(folder)/home", program,
            ] + arguments, output: folder + "/out")
        await worker.wait()
        return (worker.exit, try String(contentsOfFile: folder + "/log", encoding: .utf8))
    }

    @Test(arguments: [
        ["types"], ["types", "--json"], ["config", "check"], ["config", "table"], ["--help"], ["help", "run"],
        ["--version"], ["config"],
    ])
    func anOutputThatTakesNothingEndsEveryCommandWithOne(arguments: [String]) async throws {
        let (status, errors) = try await onFullDevice(arguments)
        #expect(status == 1 << 8)
        #expect(errors == "worker: cannot write to standard output: No space left on device\n")
    }
}
