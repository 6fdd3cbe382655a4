import Foundation
import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

/// Thousands of random sequences against the real scripts in a real Redis, and against `Model`.
///
/// The same sequences each time. `MODEL_SEED=… swift test --filter Model` repeats the one that a failure names;
/// `MODEL_SEQUENCES=20000` looks longer, at sequences that are new each time.
@Suite struct ModelTests {
    @Test(.redis) func theScriptsDoWhatTheModelDoes() async throws {
        let environment = ProcessInfo.processInfo.environment
        let wanted = environment["MODEL_SEQUENCES"].flatMap { Int($0) }
        let count = wanted ?? 1500
        let chosen = environment["MODEL_SEED"].flatMap { Int($0) }
        let first = chosen ?? (wanted == nil ? 1 : .random(in: 1...1_000_000_000))
        guard environment["MODEL_SEED"] == nil else {
            if let failure = await Self.runAll([first]).failure { Issue.record("\(failure)") }
            return
        }
        // No model of a job whose record was destroyed: DamageTests goes this way.
        var missing = StatesTests.ways.filter { ($0.from, $0.to) != (.queued, .dead) }
        // Each way is expected ten times and more in a round, and by chance may be missing in one.
        for round in 0..<(count < 1000 ? 1 : 5) where !missing.isEmpty {
            let (failure, taken) = await Self.runAll((0..<count).map { first + round * count + $0 })
            if let failure {
                Issue.record("\(failure)")
                return
            }
            missing.subtract(taken)
        }
        #expect(missing.isEmpty || count < 1000, "no sequence took these ways of docs/states.md")
    }

    /// - Returns: the first failure, and the ways that all sequences took together.
    private static func runAll(_ seeds: [Int]) async -> (failure: String?, ways: Set<StatesTests.Way>) {
        let lanes = min(8, seeds.count)
        let address = RedisServer.current.address
        return await withTaskGroup(of: (String?, Set<StatesTests.Way>).self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    await run(
                        stride(from: lane, to: seeds.count, by: lanes).map { seeds[$0] }, on: "\(address)?db=\(lane)")
                }
            }
            var first: String?
            var ways: Set<StatesTests.Way> = []
            for await (failure, taken) in group {
                ways.formUnion(taken)
                guard let failure else { continue }
                first = first ?? failure
                group.cancelAll()
            }
            return (first, ways)
        }
    }

    /// - Parameter address: a database that nobody else uses; it is emptied after each sequence.
    /// - Returns: the first failure.
    private static func run(_ seeds: [Int], on address: String) async -> (
        failure: String?, ways: Set<StatesTests.Way>
    ) {
        var ways: Set<StatesTests.Way> = []
        for seed in seeds where !Task.isCancelled {
            do {
                let connection = RedisConnection(try RedisURL(address), name: "lane")
                try await connection.connect()
                var run = ModelRun(Queue(.default, on: connection), seed: UInt64(seed))
                try await run.run(steps: 30)
                ways.formUnion(run.ways)
                _ = try await connection.send(RedisCommand("FLUSHDB", arguments: 0))
                await connection.close()
            } catch {
                return ("MODEL_SEED=\(seed): \(error)", ways)
            }
        }
        return (nil, ways)
    }
}
