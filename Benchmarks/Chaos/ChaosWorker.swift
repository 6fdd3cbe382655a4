import Figures
import Foundation
import Glibc
import Queue
import PackhorseRedis
import Worker

/// A worker process whose handlers write down what they do.
struct ChaosWorker {
    private let url: RedisURL
    private let ledger: Ledger
    private let options: WorkerOptions

    private struct Failure: Error {}

    init(_ flags: Flags) throws {
        var flags = flags
        url = try RedisURL(try flags.required("--redis"))
        ledger = try Ledger(appendingTo: try flags.required("--ledger"))
        let lease = try flags.number("--lease-ms", 500...60_000) ?? 3500
        try flags.end()
        // Crashes are what this is about: no job is to be given up for them.
        options = WorkerOptions(
            queues: [(.default, 4), (Ticks.queue, 1)], concurrency: 16, grace: .seconds(1), lease: .milliseconds(lease),
            beat: .milliseconds(min(1000, lease / 3)),
            maxCrashes: 1_000_000)
    }

    /// Works until SIGTERM.
    func run() async throws {
        let worker = Worker(redis: url, options: options) {
            for kind in Kind.allCases where kind != .collected { handler(kind) }
            collecting
        }
        signal(SIGTERM, SIG_IGN)
        let term = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        term.setEventHandler { worker.stop() }
        term.resume()
        while true {
            do {
                return try await worker.run()
            } catch {
                try await Task.sleep(for: .milliseconds(100))  // Redis may be down just now
            }
        }
    }

    private var collecting: Handler {
        let ledger = ledger
        return Handler(collectingRaw: Kind.collected.type) { jobs, context in
            for job in context.jobs { ledger.write(.start, job.id.text, attempt: job.attempt) }
            try await Task.sleep(for: .milliseconds(20))  // the work itself
            return context.jobs.map { job in
                Result {
                    let mark = "\(getpid()):\(job.attempt)"
                    let result = try JSONEncoder().encode(ChaosResult(by: mark, steps: []))
                    ledger.write(.end, job.id.text, attempt: job.attempt)
                    return Payload(Array(result))
                }
            }
        }
    }

    private func handler(_ kind: Kind) -> Handler {
        let ledger = ledger
        let retry = RetryPolicy.exponential(limit: 25, base: .milliseconds(200), cap: .seconds(1))
        return Handler(raw: kind.type, retry: retry) { body, context in
            let id = context.id.text, attempt = context.attempt
            ledger.write(.start, id, attempt: attempt)
            let arguments = try JSONDecoder().decode(ChaosArguments.self, from: Data(body.arguments.bytes))
            let mark = "\(getpid()):\(attempt)"
            var steps: [String] = []
            switch kind {
            case .quick, .collected: break
            case .awaiting:
                do {
                    _ = try await context.waitFor(Producer.signal, timeout: .seconds(3600))
                } catch {
                    // The attempt ends here; the signal begins another one.
                    ledger.write(.fail, id, attempt: attempt)
                    throw error
                }
            case .sleep: try await Task.sleep(for: .milliseconds(arguments.ms))  // the work itself
            case .stubborn: usleep(UInt32(arguments.ms) * 1000)  // the work itself
            case .spin:
                let end = Monotonic.now + arguments.ms * 1_000_000
                while Monotonic.now < end {}
            case .stepped:
                for step in 1...3 {
                    let made = try await context.step("step\(step)") {
                        ledger.write(.step, id, attempt: attempt, step: step)
                        try await Task.sleep(for: .milliseconds(arguments.ms))  // the work itself
                        return mark
                    }
                    steps.append(made)
                }
            case .flaky, .doomed:
                if context.failures < arguments.fails {
                    ledger.write(.fail, id, attempt: attempt)
                    throw Failure()
                }
            }
            let result = try JSONEncoder().encode(ChaosResult(by: mark, steps: steps))
            ledger.write(.end, id, attempt: attempt)
            return Payload(Array(result))
        }
    }
}
