internal import Dispatch
internal import Foundation
internal import Logging
internal import Queue
internal import Redis
internal import Synchronization

/// Renews a worker's lease from a thread and a connection of its own: handlers may hold every other thread.
final class Heartbeat: Sendable {
    private let term: Term
    private let ending = DispatchSemaphore(value: 0)
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
        ending.signal()
    }

    private func beat() {
        let options = term.worker.options
        let clock = ContinuousClock()
        while !ended.withLock({ $0 }) {
            do {
                var socket = try RedisSocket.connect(
                    term.worker.url, timeout: min(options.beat, term.leaseLeft), clientName: "packhorse-heart")
                while !ended.withLock({ $0 }) {
                    let sent = clock.now
                    for queue in term.worker.queues { try beat(queue, over: &socket) }
                    // From before it was sent: the lease never ends later than Redis counts.
                    term.beaten(at: sent)
                    if rest(options.beat) { return }
                }
            } catch let error as QueueError {
                if case .lapsed = error { return term.lapsed() }
                complain(error)
            } catch {
                complain(error)
            }
            if term.leaseLeft <= .zero { return term.lapsed() }
            if rest(options.beat / 4) { return }
        }
    }

    private func beat(_ queue: Queue, over socket: inout RedisSocket) throws {
        let options = term.worker.options
        let command = queue.beatCommand(term.name, lease: options.lease, about: term.description, joining: false)
        let beat = try Beat(try socket.call(command, timeout: min(options.beat, term.leaseLeft)))
        for id in beat.cancelled { term.cancel(id) }
    }

    /// - Returns: true when the worker has left.
    private func rest(_ time: Duration) -> Bool {
        ending.wait(timeout: .now() + .milliseconds(time.milliseconds)) == .success
    }

    private func complain(_ error: any Error) {
        term.worker.logger.warning("no heartbeat", metadata: ["reason": "\(error)"])
    }
}
