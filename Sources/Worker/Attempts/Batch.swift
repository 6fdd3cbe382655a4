internal import Dispatch
internal import Queue
internal import Synchronization

/// Jobs that were collected: one handler answers all of them, in one slot of the worker. Each keeps its own claim, attempt
/// and outcome.
final class Batch: Sendable {
    /// At least one; all of one type, queue and session.
    let members: [Attempt]
    private let handler: Handler
    private let phase = Mutex(Phase.waiting)

    private enum Phase {
        case waiting
        case running(Runner)
        case cancelled
        case ended
    }

    init(_ members: [Attempt], _ handler: Handler) {
        self.members = members
        self.handler = handler
    }

    /// Runs the handler and passes on the outcome of each job.
    ///
    /// - Returns: whether the runner's task is cancelled, or will be.
    func run(on runner: Runner) async -> Bool {
        let cancelled = phase.withLock { phase in
            if case .cancelled = phase { return true }
            phase = .running(runner)
            return false
        }
        if cancelled { runner.cancelNow() }

        let clock = ContinuousClock()
        let started = clock.now
        // The shortest limit of a job holds for all: they share the time.
        let timeout = members.compactMap { $0.body.timeout ?? handler.timeout }.min()
        let timer = timeout.map { limit in
            AttemptTimer(limit) { [self] in interrupt(.timedOut(limit)) { _ in true } }
        }
        let ended = await answers(deadline: timeout.map { started + $0 })
        timer?.cancel()
        let wasCancelled = phase.withLock { phase -> Bool in
            defer { phase = .ended }
            return if case .cancelled = phase { true } else { false }
        }
        let duration = clock.now - started
        for (member, ended) in zip(members, ended) { member.end(ended, after: duration) }
        return wasCancelled
    }

    /// Each job passes its middleware in a task of its own; where it would reach its handler, it waits for the others.
    private func answers(deadline: ContinuousClock.Instant?) async -> [Result<Payload, any Error>] {
        let contexts = members.enumerated().map { [gathering = Gathering(of: members.count)] i, member in
            JobContext(running: member, deadline: deadline, seat: Seat(gathering: gathering, number: i))
        }
        return await withTaskGroup(of: (Int, Result<Payload, any Error>).self) { group in
            for (i, (member, context)) in zip(members, contexts).enumerated() {
                group.addTask { [handler] in
                    let ended = await member.result(of: handler, context)
                    context.seat?.leave()
                    return (i, ended)
                }
            }
            await answer(contexts)
            var ended = members.map { _ in Result<Payload, any Error>.failure(CancellationError()) }
            for await (i, result) in group { ended[i] = result }
            return ended
        }
    }

    private func answer(_ contexts: [JobContext]) async {
        guard let gathering = contexts.first?.seat?.gathering else { return }
        let guests = await gathering.everybody()
        guard let answer = handler.answer, !guests.isEmpty else { return }
        let here = CollectedContext(guests.map { contexts[$0.seat] })
        do {
            let answers = try await answer(guests.map(\.arguments), here)
            guard answers.count == guests.count else {
                throw HandlerError.wrongCount(type: handler.type, results: answers.count, jobs: guests.count)
            }
            for (guest, result) in zip(guests, answers) { guest.answer.resume(with: result) }
        } catch {
            for guest in guests { guest.answer.resume(throwing: error) }
        }
    }

    /// Cancels the handler when all of its jobs are interrupted; of a single one, only the outcome changes.
    func interrupt(_ why: Interruption, where selects: (Attempt) -> Bool) {
        for member in members where selects(member) { member.interrupt(why) }
        guard members.allSatisfy(\.isInterrupted) else { return }
        let runner = phase.withLock { phase -> Runner? in
            switch phase {
            case .waiting:
                phase = .cancelled
                return nil
            case .running(let runner):
                phase = .cancelled
                return runner
            case .cancelled, .ended: return nil
            }
        }
        runner?.cancel()
    }
}
