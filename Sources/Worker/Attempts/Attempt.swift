internal import Logging
internal import Queue
internal import Synchronization

/// One claimed job on its way through its handler.
///
/// | phase | a runner has it | `interrupt` | its handler has ended |
/// |---|---|---|---|
/// | waiting | → running | → interrupted | |
/// | running | | cancels the runner → interrupted | → ended |
/// | interrupted | cancels the runner | | → ended |
/// | ended | | | |
final class Attempt: Sendable {
    let claim: Claim
    let body: JobBody
    let queue: Queue
    let session: WorkerSession
    private let handler: Handler
    private let settling: Batcher<Settled>
    let notes = Mutex(Notes())
    private let phase = Mutex(Phase.waiting)

    private enum Phase {
        case waiting
        case running(Runner)
        /// The first reason is kept.
        case interrupted(Interruption)
        /// It is too late to interrupt it.
        case ended
    }

    init(
        _ claim: Claim, _ body: JobBody, _ handler: Handler, queue: Queue, settling: Batcher<Settled>,
        session: WorkerSession
    ) {
        self.claim = claim
        self.body = body
        self.handler = handler
        self.queue = queue
        self.settling = settling
        self.session = session
    }

    /// Runs the handler and passes on the job's outcome.
    ///
    /// - Returns: whether it was interrupted; then the runner's task is cancelled, or will be.
    func run(on runner: Runner) async -> Bool {
        let isInTime = takesPermitInTime()
        let interrupted = phase.withLock { phase in
            if case .interrupted = phase { return true }
            phase = isInTime ? .running(runner) : .ended
            return false
        }
        if interrupted {
            runner.cancelNow()
        } else if !isInTime {
            log(.debug, "given back: its permit came too late", [:])
            endUnbegun(.released)
            return false
        }

        let clock = ContinuousClock()
        let started = clock.now
        let timeout = body.timeout ?? handler.timeout
        let timer = timeout.map { limit in AttemptTimer(limit) { [self] in interrupt(.timedOut(limit)) } }
        let ended = await result(of: handler, JobContext(running: self, deadline: timeout.map { started + $0 }))
        timer?.cancel()
        return end(ended, after: clock.now - started) != nil
    }

    /// Whether the permit of its spaced key is still good, if it has one.
    private func takesPermitInTime() -> Bool {
        guard claim.isSpaced else { return true }
        let punctuality = session.worker.punctuality
        punctuality.heard(claim.startedAt)
        return punctuality.mayUse(claim.startedAt)
    }

    /// Calls the handler, with the middleware around it.
    func result(of handler: Handler, _ context: JobContext) async -> Result<Payload, any Error> {
        do {
            let result = try await handler.run(body, context)
            let limit = session.worker.options.resultLimit
            guard result.bytes.count <= limit else {
                throw HandlerError.resultTooLarge(type: body.type, bytes: result.bytes.count, limit: limit)
            }
            return .success(result)
        } catch {
            return .failure(error)
        }
    }

    /// Passes on the outcome after the handler has ended.
    ///
    /// - Returns: why it was interrupted, if it was.
    @discardableResult
    func end(_ ended: Result<Payload, any Error>, after duration: Duration) -> Interruption? {
        let interruption = phase.withLock { phase -> Interruption? in
            defer { phase = .ended }
            return if case .interrupted(let why) = phase { why } else { nil }
        }
        let outcome = Outcome.of(
            ended, interruption: interruption, failures: claim.failures,
            limit: body.maxAttempts ?? handler.retry.limit, policy: handler.retry,
            keptSteps: notes.withLock { $0.hasSteps }, awaits: notes.withLock { $0.awaits })
        handler.metrics.ended(outcome, after: duration)
        log(outcome, of: ended)
        settling.add(Settled(claim, outcome))
        return interruption
    }

    /// Whether it was interrupted and has not ended.
    var isInterrupted: Bool { phase.withLock { if case .interrupted = $0 { true } else { false } } }

    /// For an attempt that was taken back before its handler began.
    func endUnbegun(_ outcome: Outcome) {
        settling.add(Settled(claim, outcome))
    }

    /// Cancels the handler's task; the first reason is kept.
    func interrupt(_ why: Interruption) {
        let runner = phase.withLock { phase -> Runner? in
            switch phase {
            case .waiting:
                phase = .interrupted(why)
                return nil
            case .running(let runner):
                phase = .interrupted(why)
                return runner
            case .interrupted, .ended: return nil
            }
        }
        runner?.cancel()
    }

    private func log(_ outcome: Outcome, of ended: Result<Payload, any Error>) {
        switch outcome {
        case .succeeded, .released, .unclaimed: break
        case .failed(let failure, let delay):
            log(.warning, "attempt failed", ["reason": "\(failure.message)", "again": "\(delay)"], error: failure.type)
        case .dead(let failure):
            log(.error, "job is dead", ["reason": "\(failure.message)"], error: failure.type)
        case .snoozed(let delay, _):
            guard case .failure(let error) = ended else { break }
            log(.info, "job postponed", ["reason": "\(error)", "again": "\(delay)"])
        case .cancelled: log(.info, "job cancelled", [:])
        case .awaiting(let wait): log(.debug, "job awaits a signal", ["signal": "\(wait.name)"])
        }
    }

    private func log(
        _ level: Logger.Level, _ message: StaticString, _ facts: @autoclosure () -> Logger.Metadata,
        error: String? = nil
    ) {
        let subject = error.map { "\(body.type) \($0)" } ?? body.type
        session.worker.repeated.log(
            level, message, about: subject,
            metadata: about.merging(facts()) { $1 }.merging(error.map { ["error": "\($0)"] } ?? [:]) { $1 })
    }
}
