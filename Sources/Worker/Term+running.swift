internal import Logging
internal import Queue

extension Term {
    /// Runs one claimed job on the threads for handlers.
    func start(_ claim: Claim, from queue: Int) {
        let attempt = running.add(claim.id)
        let task = Task(executorPreference: worker.executor) { [self] in
            let settled = await run(claim, from: queue, attempt)
            running.remove(claim.id)
            outcomes.add(settled)
            worker.slots.give()
        }
        attempt.started(task)
    }

    private func run(_ claim: Claim, from queue: Int, _ attempt: RunningJobs.Attempt) async -> Settled {
        let body: JobBody
        do {
            body = try JobBody(claim.body, of: claim.id.text)
        } catch {
            let failure = JobFailure(type: "RecordDamaged", message: "\(error)", retryable: false)
            return Settled(queue: queue, claim: claim, handler: nil, settlement: .dead(failure))
        }
        guard let handler = worker.registry.handlers[body.type], body.version <= handler.version else {
            worker.logger.notice(
                "job left to another worker: type or version unknown here",
                metadata: ["job": "\(claim.id)", "type": "\(body.type)", "version": "\(body.version)"])
            return Settled(
                queue: queue, claim: claim, handler: nil,
                settlement: .unclaimed(delay: worker.options.unclaimedDelay))
        }

        let clock = ContinuousClock()
        let started = clock.now
        let timeout = body.timeout ?? handler.timeout
        let notes = JobNotes(claim, worker.queues[queue], worker: name)
        let context = JobContext(
            id: claim.id, type: body.type, attempt: claim.attempt, deadline: timeout.map { started + $0 },
            tenant: body.tenant, traceparent: body.traceparent, keeper: notes, logger: worker.logger)
        let timer = timeout.map { limit in
            Task {
                try await Task.sleep(for: limit)
                attempt.interrupt(.timedOut(limit))
            }
        }
        let ended: Result<[UInt8], any Error>
        do {
            let result = try await handler.run(body.arguments, context)
            guard result.count <= worker.options.resultLimit else {
                throw HandlerError.resultTooLarge(
                    type: body.type, bytes: result.count, limit: worker.options.resultLimit)
            }
            ended = .success(result)
        } catch {
            ended = .failure(error)
        }
        timer?.cancel()
        handler.metrics.took(clock.now - started)

        let settlement = Outcome.of(
            ended, interruption: attempt.interruption, failures: claim.failures,
            limit: body.maxAttempts ?? handler.retry.limit, policy: handler.retry, keptSteps: notes.hasSteps)
        log(settlement, context)
        return Settled(queue: queue, claim: claim, handler: handler, settlement: settlement)
    }

    private func log(_ settlement: Settlement, _ context: JobContext) {
        switch settlement {
        case .succeeded, .released, .unclaimed: break
        case .failed(let failure, let delay):
            context.log.warning(
                "attempt failed", metadata: ["error": "\(failure.type)", "reason": "\(failure.message)", "again": "\(delay)"])
        case .dead(let failure):
            context.log.error("job is dead", metadata: ["error": "\(failure.type)", "reason": "\(failure.message)"])
        case .postponed(let delay): context.log.info("job put off", metadata: ["again": "\(delay)"])
        case .cancelled: context.log.info("job cancelled")
        }
    }
}
