internal import Foundation
internal import Glibc
internal import Logging
internal import Logs
internal import Programs
internal import Queue
internal import Settings
internal import Synchronization
internal import Worker

/// A worker as a process: Redis, signals, the health file, the HTTP port.
final class WorkerRun: Sendable {
    private let plan: RunPlan
    private let registry: Registry
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var opening: Task<RedisAccess, any Error>?
        var worker: Worker?
        var signals = 0
    }

    init(_ plan: RunPlan, _ registry: Registry) {
        self.plan = plan
        self.registry = registry
        Logs.bootstrap(level: plan.logLevel, format: plan.logFormat)
        logger = Logger(label: "worker")
    }

    func run() async -> ExitStatus {
        // A closed socket or pipe fails the write instead of ending the process. This needs a handler: an ignored
        // signal would stay ignored in programs that jobs start.
        signal(SIGPIPE) { _ in }
        ProcessLimits.raiseFiles()
        ProcessSignals.listen(to: [SIGTERM, SIGINT, SIGHUP], once: false) { [self] count in stop(signal: count) }
        let opening = Task { try await RedisAccess.open(plan.settings) }
        let called = state.withLock { state in
            state.opening = opening
            return state.signals > 0
        }
        if called { opening.cancel() }
        let redis: RedisAccess
        do {
            redis = try await opening.value
        } catch is CancellationError {
            return .done
        } catch {
            logger.critical("worker can't start", metadata: ["reason": "\(error)"])
            return .unreachable
        }
        let status = await work(redis)
        await redis.close()
        return status
    }

    private func work(_ redis: RedisAccess) async -> ExitStatus {
        let worker = Worker(redis: redis.url, options: plan.options, logger: logger, registry: registry)
        let stopped = state.withLock { state in
            state.worker = worker
            return state.signals > 0
        }
        if stopped { return .done }

        let watch = ConcernWatch(redis.url, logger)
        await watch.look()
        if !plan.allowsEviction, let concern = watch.concerns.first(where: \.losesJobs) {
            logger.critical("worker can't start", metadata: ["reason": "\(concern)\(RedisConcerns.remedy)"])
            return .usage
        }
        let watching = Task { await watch.run() }
        defer { watching.cancel() }
        do {
            if let port = plan.httpPort { try await OpsServer.start(plan.httpHost, port, worker, watch, logger) }
        } catch {
            let reason =
                "cannot listen on \(plan.httpHost):\(plan.httpPort ?? 0): \(OpsServer.reason(error)). Change "
                + "PACKHORSE_HTTP_HOST or PACKHORSE_HTTP_PORT."
            logger.critical("worker can't start", metadata: ["reason": "\(reason)"])
            return .usage
        }
        logger.info(
            "worker starts",
            metadata: [
                "version": "\(Packhorse.version)", "redis": "\(redis.url)", "types": "\(registry.types.count)",
                "concurrency": "\(plan.options.concurrency)",
            ])
        let health = HealthWriter(of: worker, plan, logger)
        health.start()
        defer { health.stop() }
        do throws(QueueError) {
            try await worker.run()
        } catch {
            guard state.withLock({ $0.signals }) == 0 else { return .done }
            logger.critical("worker can't start", metadata: ["reason": "\(error)"])
            return switch error {
            case .redis: .unreachable
            case .field, .invalid: .usage
            default: .failed
            }
        }
        logger.info("worker has stopped")
        return .done
    }

    /// - Parameter count: 1 for the first signal.
    private func stop(signal count: Int) {
        let (worker, opening) = state.withLock { state in
            state.signals = count
            return (state.worker, state.opening)
        }
        // The action first, then the log line: a line may have to wait for its reader.
        switch count {
        case 1:
            opening?.cancel()
            let running = worker?.running ?? 0
            worker?.stop()
            logger.info("stopping", metadata: ["grace": "\(plan.options.grace)", "running": "\(running)"])
        case 2:
            // Giving jobs back takes a moment; a Redis that does not answer must not make it take longer.
            let watchdog = Thread {
                Thread.sleep(forTimeInterval: 3)  // the time that it has, on its own thread
                _exit(ExitStatus.failed.rawValue)
            }
            watchdog.start()
            worker?.stopNow()
            logger.notice("stopping at once")
        default:
            _exit(ExitStatus.failed.rawValue)
        }
    }
}
