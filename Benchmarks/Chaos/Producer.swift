import Enqueue
import Foundation
import Queue
import PackhorseRedis
import Servers
import Synchronization

/// Adds jobs at a steady rate from several tasks and remembers which of them Redis has acknowledged.
///
/// An add whose fate is unknown is repeated with the same id until it is acknowledged, as the caller of a queue does.
final class Producer: Sendable {
    private struct State {
        var acknowledged: [JobID: Promise] = [:]
        var stopping = false
    }

    private let client: Enqueue
    private let options: Options
    private let state = Mutex(State())
    private static let tasks = 4

    init(_ options: Options, redis: RedisURL) async throws {
        self.options = options
        client = try await Enqueue(redis: redis)
    }

    var acknowledged: [JobID: Promise] { state.withLock { $0.acknowledged } }

    /// Adds until `stop`, then sees that all it has begun to add is acknowledged.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<Self.tasks {
                group.addTask { await self.produce(SeededRandom(self.options.seed &+ UInt64(number) &+ 1)) }
            }
        }
        await client.close()
    }

    func stop() { state.withLock { $0.stopping = true } }

    private func produce(_ random: SeededRandom) async {
        var random = random
        while !state.withLock({ $0.stopping }) {
            let count = Int.random(in: 0..<20, using: &random) == 0 ? 50 : 1
            var promises: [JobID: Promise] = [:]
            var jobs: [NewJob] = []
            for _ in 0..<count {
                let promise = Promise.random(using: &random)
                guard let job = Self.job(promise, using: &random) else {
                    preconditionFailure("a chaos job is not valid")
                }
                promises[job.id] = promise
                jobs.append(job)
            }
            await add(jobs)
            for job in jobs where promises[job.id]?.kind == .awaiting { await signal(job.id) }
            state.withLock { $0.acknowledged.merge(promises) { $1 } }
            try? await Task.sleep(for: .milliseconds(1000 * Self.tasks * count / options.rate))  // the pace
        }
    }

    private func signal(_ id: JobID) async {
        while true {
            do {
                _ = try await client.signal(Self.signal, job: id)
                return
            } catch QueueError.wrongState {
                return  // the signal came although its reply was lost, and the job has ended
            } catch {
                try? await Task.sleep(for: .milliseconds(50))  // Redis is away
            }
        }
    }

    /// The signal that jobs of the kind `awaiting` wait for.
    static let signal = "go"

    private func add(_ jobs: [NewJob]) async {
        while true {
            do {
                if jobs.count == 1 {
                    for job in jobs { _ = try await client.add(job) }
                } else {
                    _ = try await client.add(all: jobs)
                }
                return
            } catch {
                try? await Task.sleep(for: .milliseconds(50))  // Redis is away
            }
        }
    }

    /// The keys of jobs with limits.
    static let limits = ["often": Limit(rate: .spaced(.milliseconds(2), burst: 10)), "few": Limit(atOnce: 6)]

    private static func job(_ promise: Promise, using random: inout SeededRandom) -> NewJob? {
        let kind = promise.kind
        let fails =
            switch kind {
            case .flaky: Int.random(in: 1...3, using: &random)
            case .doomed: Int.max
            default: 0
            }
        let arguments = ChaosArguments(ms: kind.milliseconds(using: &random), fails: fails)
        // A flaky job has not one attempt to spare: a crash that counted as a failure would end it in dead.
        let limit: Int? =
            switch kind {
            case .flaky: fails + 1
            case .doomed: 2
            default: nil
            }
        let waits = Int.random(in: 0..<10, using: &random) == 0
        var options = JobOptions(
            priority: promise.priority,
            start: waits ? .after(.milliseconds(.random(in: 1...2000, using: &random))) : nil, maxAttempts: limit)
        if kind == .collected { options.collect = Collect("all", upTo: 8, within: .milliseconds(50)) }
        switch promise.feature {
        case .none: break
        case .limits: options.limits = Self.limits.map { LimitUse($0.key) }
        case .tenant(let tenant): options.tenant = tenant
        case .sequence(let key): options.sequence = JobSequence(key, afterDead: .goOn)
        case .key: options.key = IdempotencyKey("key-\(Int.random(in: 0...Int.max, using: &random))", while: .always)
        }
        return try? NewJob(
            kind.type, arguments: Array(try JSONEncoder().encode(arguments)), in: .default, options: options)
    }
}
