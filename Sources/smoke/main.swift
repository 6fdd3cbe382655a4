import Enqueue
import Foundation
import Queue
import Redis
import Worker
import Logging

struct Greet: Job { static let type = "demo.greet"; var name: String
  func run(_ c: JobContext) async throws -> String { "Hello, \(name)" } }

let url = try RedisURL(CommandLine.arguments[1])
let n = Int(CommandLine.arguments[2])!
let conc = Int(CommandLine.arguments[3])!
let mode = CommandLine.arguments.count > 4 ? CommandLine.arguments[4] : ""
let clock = ContinuousClock()
func rate(_ n: Int, _ d: Duration) -> Int { Int(Double(n) / (d / .seconds(1))) }
let enq = try await Enqueue(redis: url)
if mode != "w" {
let h = n == 1 ? try await enq.add(Greet(name: "Ada")) : nil
let payload = Array(#"{"url":"https://example.org/a.pdf","pages":12,"owner":"0191f0c2-7c3b-7a1e-8a55-0123456789ab"}"#.utf8)
let d = try await clock.measure {
  for i in stride(from: 0, to: n, by: 1000) {
    let jobs = try (i..<min(n, i+1000)).map { _ in try NewJob("system.noop", arguments: payload, in: .default) }
    _ = try await enq.add(all: jobs)
  }
}
print("bulk", rate(n, d))
_ = h
if mode == "1" {
  let c = try await clock.measure { try await withThrowingTaskGroup(of: Void.self) { g in
    for _ in 0..<256 { g.addTask { for _ in 0..<(n/256) { _ = try await enq.add(try NewJob("system.noop", arguments: payload, in: .default)) } } }
    try await g.waitForAll() } }
  print("single256", rate(n/256*256, c))
}
}
if mode == "f" { exit(0) }
var o = WorkerOptions(); o.concurrency = conc; o.drain = true
let w = Worker(redis: url, options: o) { Handler(raw: "system.noop") { _, _ in Array("null".utf8) }; Greet.self }
let d2 = try await clock.measure { try await w.run() }
let s = try await enq.queue(.default).stats()
print("drain", rate(s.queue.succeeded, d2), s.queue)
exit(0)
