import Foundation
import Servers
import Testing

/// A short run of the real executable: every fault at least once, real processes, a real Redis with an append-only file.
/// The same faults and jobs each time; `make chaos` draws others, and `CHAOS_SEED=…` chooses them here.
@Suite struct ShortChaosTests {
    @Test(.timeLimit(.minutes(3))) func nothingIsLostOrSettledTwiceUnderFaults() async throws {
        let seed = ProcessInfo.processInfo.environment["CHAOS_SEED"] ?? "1"
        let output = try Scratch.directory() + "/chaos"
        let run = try ChildProcess(
            try chaos(), ["--seconds", "10", "--kills", "4", "--lease-ms", "1200", "--seed", seed], output: output)
        await run.wait()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        #expect(run.exit == 0, "\(text)")
        let figures = try text.split(separator: "\n").filter { $0.hasPrefix("{") }
            .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        for name in ["chaos_lost", "chaos_settled_twice", "chaos_stale_accepted", "chaos_sequence_early"] {
            let figure = try #require(figures.first { $0.figure == name }, "\(text)")
            #expect(figure.value == 0, "\(text)")
            // 2,000 when all goes well; each waits for the disk, and a slow one takes 250 ms for it.
            #expect(try #require(figure.beside["jobs"] ?? nil) > 100, "too few jobs to mean anything: \(text)")
            #expect(figure.beside["faults_kill"] == 4)
            for fault in ["cut", "deploy", "freeze", "freezeAll", "hang", "producer", "redis", "slow", "stall"] {
                #expect(try #require(figure.beside["faults_\(fault)"] ?? nil) >= 1, "\(fault): \(text)")
            }
        }
        for name in ["recovery_kill_p50_s", "recovery_kill_p99_s"] {
            let figure = try #require(figures.first { $0.figure == name }, "\(text)")
            let prompt = try #require(figure.beside["jobs"] ?? nil)
            let late = try #require(figure.beside["jobs_that_wait_or_in_an_outage"] ?? nil)
            #expect(prompt + late > 0, "no kill interrupted a job: \(text)")
        }
    }

    private struct Line: Decodable {
        var figure: String
        var value: Double?
        var beside: [String: Double?]
    }

    /// The executable is in the folder of the tests.
    private func chaos() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folders = [own, CommandLine.arguments[0]].map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        let path = folders.map { $0 + "/chaos" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        return try #require(path, "no chaos executable in \(folders)")
    }
}
