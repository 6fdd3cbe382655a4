import Enqueue
import PackhorseRedis
import Worker

struct Greet: Job {
    static let type = "demo.greet"
    var name: String

    func run(_ context: JobContext) async throws -> String { "Hello, \(name)!" }
}

let redis = try RedisURL(CommandLine.arguments.dropFirst().first ?? "redis://localhost:6379")
let worker = Worker(redis: redis) { Greet.self }
async let working: Void = worker.run()
let greeting = try await Enqueue(redis: redis).add(Greet(name: "Ada"))
print(try await greeting.result(timeout: .seconds(10)))
worker.stop()
try await working
