internal import Foundation
internal import Logging
internal import Queue
internal import PackhorseRedis
internal import Servers
internal import TestSupport
internal import Testing
internal import Worker

/// The real program, run against the test's Redis.
struct EnqueueProgram {
    private let server = RedisServer.current

    func callAsFunction(
        _ arguments: String..., input: [UInt8] = [], environment: [String: String] = [:]
    ) async throws -> Child.Ending {
        try await run(arguments, input: input, environment: environment)
    }

    func run(_ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]) async throws
        -> Child.Ending
    {
        try await Child.run(
            Child.products + "/enqueue", arguments,
            environment: ["REDIS_URL": server.address].merging(environment) { $1 }, input: input)
    }

    /// Adds a job and gives its id.
    func add(_ arguments: String...) async throws -> String {
        let ending = try await run(["add"] + arguments)
        #expect(ending.code == 0, "\(ending.errors)")
        return ending.lines.first ?? ""
    }

    /// Runs a worker while `body` runs.
    func withWorker(queues: [String] = ["default"], _ body: () async throws -> Void) async throws {
        let worker = Worker(
            redis: try server.url,
            options: WorkerOptions(queues: try queues.map { (try QueueName($0), 1) }, concurrency: 8, grace: .zero),
            logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        ) {
            Handler(raw: "test.echo") { body, _ in body.arguments }
            Handler(raw: "test.await") { _, context in
                try await context.waitFor("go", timeout: .seconds(600)) ?? .null
            }
            Handler(raw: "test.fail", retry: .exponential(limit: 1)) { _, _ in throw Discard("no luck") }
            Handler(raw: "test.escape") { _, _ in throw Discard("\u{1B}]0;title\u{7} in\u{9B}31mred") }
            Handler(raw: "test.progress") { _, context in
                for done in 1...60 {
                    context.progress(done, of: 60, note: "pages")
                    try await Task.sleep(for: .milliseconds(20))  // so that the bar is drawn
                }
                return []
            }
            Handler(raw: "test.sleep") { _, _ in
                try await Task.sleep(for: .seconds(60))  // ends when the test cancels it
                return []
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            try await body()
            worker.stopNow()
            try await group.waitForAll()
        }
    }
}

/// One line of JSON.
func object(_ text: String, _ location: SourceLocation = #_sourceLocation) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any], "\(text)", sourceLocation: location)
}

let jobKeys: Set<String> = [
    "id", "type", "queue", "tenant", "priority", "state", "attempt", "maxAttempts", "failures", "crashes", "args",
    "progress", "result", "error", "errors", "createdAt", "runAt", "startedAt", "finishedAt", "expiresAt", "worker",
    "traceparent", "parent", "workflow", "waitsFor", "blockedBy",
]
