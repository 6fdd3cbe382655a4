internal import Dispatch
internal import Foundation
internal import Logging
internal import Queue
internal import Redis
internal import Synchronization

/// Renews a worker's lease from a thread and a connection of its own: handlers may hold every other thread.
final class Heartbeat: Sendable {
    private let term: Term
    /// Ends a rest.
    private let alarm = DispatchSemaphore(value: 0)
    private let ended = Mutex(false)

    init(of term: Term) {
        self.term = term
    }

    func start() {
        let thread = Thread { [self] in beat() }
        thread.name = "heartbeat"
        thread.start()
    }

    func stop() {
        ended.withLock { $0 = true }
        alarm.signal()
    }

    /// Beats now: its reply tells what somebody wants cancelled.
    func beatNow() { alarm.signal() }

    private func beat() {
        let options = term.worker.options
        let clock = ContinuousClock()
        while !hasEnded {
            do {
                var socket = try RedisSocket.connect(
                    term.worker.url, timeout: patience, clientName: "packhorse-heart")
                term.speaks(to: ServerRun.id(in: try socket.call(ServerRun.question, timeout: patience)))
                while !hasEnded {
                    let sent = clock.now
                    for queue in term.worker.queues where !hasEnded { try beat(queue, over: &socket) }
                    // From before it was sent: the lease never ends later than Redis counts.
                    term.beaten(at: sent)
                    if rest(options.beat) { return }
                }
            } catch let error as QueueError {
                if case .lapsed = error {
                    // What was on its way while it gave the lease back says nothing.
                    if !hasEnded { term.lapsed() }
                    return
                }
                complain(error)
            } catch {
                complain(error)
            }
            if term.leaseLeft <= .zero { return term.lapsed() }
            if rest(options.beat / 4) { return }
        }
    }

    private func beat(_ queue: Queue, over socket: inout RedisSocket) throws {
        let command = queue.beatCommand(
            term.name, lease: term.worker.options.lease, about: term.description, joining: false)
        let beat = try Beat(try socket.call(command, timeout: patience))
        for id in beat.cancelled { term.cancel(id) }
    }

    /// How long to wait for a reply: after that, another connection may still renew the lease.
    private var patience: Duration { max(.milliseconds(1), min(term.worker.options.beat, term.leaseLeft)) }

    private var hasEnded: Bool { ended.withLock { $0 } }

    /// - Returns: true when the worker has left.
    private func rest(_ time: Duration) -> Bool {
        _ = alarm.wait(timeout: .now() + .milliseconds(time.milliseconds))
        return hasEnded
    }

    private func complain(_ error: any Error) {
        term.worker.logger.warning("no heartbeat", metadata: ["reason": "\(error)"])
    }
}
