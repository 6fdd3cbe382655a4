internal import Foundation
internal import Logging
internal import Synchronization
internal import Worker

/// Writes the health file after each confirmed heartbeat, on its own thread: handlers may hold all others.
final class HealthWriter: Sendable {
    private let worker: Worker
    private let file: HealthFile
    private let lease: Duration
    private let pause: Duration
    private let logger: Logger
    private let ended = Mutex(false)

    init(of worker: Worker, _ plan: RunPlan, _ logger: Logger) {
        self.worker = worker
        file = HealthFile(plan.healthFile)
        lease = plan.options.lease
        pause = min(plan.options.beat / 2, .milliseconds(250))
        self.logger = logger
    }

    func start() {
        let thread = Thread { [self] in
            var written: ContinuousClock.Instant?
            var complained = false
            while true {
                if let beat = worker.lastBeat, beat != written {
                    do throws(HealthProblem) {
                        guard try write(beat) else { return }
                        written = beat
                    } catch {
                        if !complained {
                            logger.warning("no health file", metadata: ["reason": "\(error)"])
                        }
                        complained = true
                    }
                }
                Thread.sleep(forTimeInterval: pause / .seconds(1))  // until the next write, on its own thread
                if ended.withLock({ $0 }) { return }
            }
        }
        thread.name = "health"
        thread.start()
    }

    /// Removes the file.
    func stop() {
        ended.withLock { ended in
            ended = true
            file.remove()
        }
    }

    /// - Returns: false if it has ended.
    private func write(_ beat: ContinuousClock.Instant) throws(HealthProblem) -> Bool {
        try ended.withLock { ended throws(HealthProblem) in
            if ended { return false }
            let age = Int((ContinuousClock.now - beat) / .milliseconds(1))
            try file.write(beat: HealthFile.now - age, lease: Int(lease / .milliseconds(1)))
            return true
        }
    }
}
