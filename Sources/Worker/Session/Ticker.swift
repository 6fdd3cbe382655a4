internal import Logging
internal import Queue

/// Makes the ticks of one queue's schedules when they are due. Every worker does, and none leads: a tick that one has
/// made is nothing for the others.
///
/// Ticks do not depend on free room: a worker whose jobs take long still makes them.
final class Ticker: Sendable {
    private let queue: Queue
    private let session: WorkerSession
    /// When the next tick is due, as each beat says it.
    private let alarms: AsyncStream<ContinuousClock.Instant>
    private let alarm: AsyncStream<ContinuousClock.Instant>.Continuation

    init(_ queue: Queue, of session: WorkerSession) {
        self.queue = queue
        self.session = session
        (alarms, alarm) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A beat said how long it is until the next tick; nil without schedules. Later ticks are left to later beats.
    func tickIsDue(in time: Duration?) {
        guard let time, time <= session.worker.options.beat * 2 else { return }
        alarm.yield(.now + time)
    }

    /// Until its task is cancelled.
    func run() async {
        for await due in alarms {
            try? await Task.sleep(until: due)  // until the tick
            if Task.isCancelled { return }
            await makeTicks()
        }
    }

    private func makeTicks() async {
        do {
            for offered in try await queue.offeredTicks() {
                do {
                    try await queue.make(offered)
                } catch {
                    report(error, offered.schedule)
                }
            }
        } catch {
            report(error, nil)
        }
    }

    /// The tick stays due, and is offered again a second later, perhaps to another worker.
    private func report(_ error: QueueError, _ schedule: String?) {
        session.worker.repeated.log(
            .warning, "cannot make a tick", about: schedule ?? queue.name.text,
            metadata: ["queue": "\(queue.name)", "schedule": "\(schedule ?? "-")", "reason": "\(error)"])
    }
}
